"""What am I looking at? A sentence or two for everything on the Playground's screen."""

__all__ = ["ABOUT"]

ABOUT = [
    (
        "Inputs",
        "What the network gets to see of each point: its two coordinates, or something made of them, such as a square. "
        "A click (or Enter) takes an input in or out. Each small map shows its value at every place, from orange below "
        "zero to blue above.",
    ),
    (
        "Nodes",
        "Each square is a unit, and its map shows what it answers at every place. Hover over it and its map grows; "
        "its sum stands below with all numbers. With the keyboard: Tab goes from node to node, left and right choose "
        "its bias or one of its weights, up and down change that.",
    ),
    (
        "Lines",
        "Weights. A line is the wider the stronger its weight is; blue is above zero, orange and dashed is below. "
        "Click one to choose it; drag up or down to set it, or type its value under Numbers, code, text.",
    ),
    ("b", "The bias of a unit: what it adds to its sum whatever comes in. Click it or drag it, like a weight."),
    (
        "Map",
        "What the network says at every place of the plane. Points have the colour and the shape of their class, with "
        "a hole if they are test points. Where the colour of the map is that of the points, the network is right. "
        "Hover over a place and every node takes the colour of its answer to it; a click keeps that place, or the "
        "point that is there; another click lets it go.",
    ),
    (
        "Loss",
        "How wrong the network is: training points are those it learns from, test points it never learns from. A "
        "pinned run is drawn in dots, a second run in long and short dashes. A price on large weights is part of it.",
    ),
    (
        "Accuracy, R²",
        "The share of points whose class is right; for numbers R², where 1 is perfect and 0 is a guess of the mean.",
    ),
    (
        "Epoch, batch",
        "An epoch is one pass over all training points. After each batch of them the weights move once. Epoch, 30 of "
        "250 says that 30 of the 250 points have had their turn in the epoch that has begun.",
    ),
    ("Seconds of training", "How long this computer has computed while playing, without the time for the pictures."),
    (
        "Learning rate",
        "How far each update moves the weights. Where it is too large, steps lead uphill and training diverges: it "
        "stops, says so, and the last good picture stays.",
    ),
    (
        "Activation",
        "What a unit does with its weighted sum. Click the name above a layer for the next one, or choose under Each "
        "layer. Weights stay as they are.",
    ),
    ("Noise, training share", "How far the points are scattered, and how many in a hundred are learned from."),
    ("Regularization", "A price on large weights: L1 pushes weights all the way to zero, L2 keeps all of them small."),
    (
        "Reset, seed",
        "Reset goes back to the same first weights, drawn from the seed, with the settings of now. Another seed is "
        "another start.",
    ),
    (
        "Pin, second run, steps back",
        "A pin keeps the loss curve of now as a ghost. A second run starts beside this one from the same start and "
        "keeps the settings of now. Steps back shows earlier moments; training goes on from the moment you see.",
    ),
    (
        "Own points",
        "Choose what a click on the map does, then click, touch, or press Space where the ring is; arrow keys move the "
        "ring. Or write a table: x1, x2 and the answer, one point a line. Or open a CSV with two columns of numbers "
        "and the answer in the last column.",
    ),
    (
        "As text",
        "The whole Playground as one line. Playground('...') starts from it; so does pasting one into the field.",
    ),
]

"""Live pictures as SVG text: ``elements`` are the words, ``charts`` and ``network`` the sentences made of them."""

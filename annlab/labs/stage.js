// One live picture. Its structure is SVG text, built when it changes; a frame is the values that may differ from the last one.
// Heat maps are small canvases under the transparent SVG. Nothing is acknowledged: frames may be dropped, the newest wins.

const LOOKING = 5000; // milliseconds between two signs of life while a lab trains

function make(tag, name, parent) {
  const element = document.createElement(tag);
  element.className = name;
  parent.append(element);
  return element;
}

function pageIsDark(element) {
  const said = document.body.dataset.jpThemeLight; // JupyterLab and Notebook say it
  if (said) return said === "false";
  for (let at = element; at; at = at.parentElement) {
    const [r, g, b, a = 1] = (getComputedStyle(at).backgroundColor.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
    if (a > 0) return r + g + b < 384;
  }
  return false;
}

// What ipywidgets leaves out: a slider's handle has no name, and is read out by its place instead of its value; the number
// beside it has none either; beside a slider over chosen numbers it can be typed over, and nobody hears of it; and lists and
// fields keep their tooltips to themselves.
function nameControls(lab, model, tell) {
  const tips = model.get("tips"), numbers = model.get("numbers");
  for (const handle of lab.querySelectorAll(".noUi-handle:not([aria-label])")) {
    const slider = handle.closest(".widget-slider"), readout = slider.querySelector(".widget-readout");
    const label = slider.querySelector(".widget-label").textContent;
    const speak = () => handle.setAttribute("aria-valuetext", readout.textContent);
    handle.setAttribute("aria-label", label);
    new MutationObserver(speak).observe(readout, { childList: true, characterData: true, subtree: true });
    speak();
    readout.setAttribute("role", "textbox");
    readout.setAttribute("aria-label", label);
    if (numbers.includes(label)) hearTyping(readout, (text) => tell({ typed: [label, text] }));
  }
  for (const field of lab.querySelectorAll(".widget-label ~ :is(select, input, textarea):not([title])")) {
    const tip = tips[field.parentElement.querySelector(".widget-label").textContent];
    if (tip) field.title = field.parentElement.title = tip;
  }
}

function hearTyping(readout, say) {
  let before;
  readout.addEventListener("focus", () => { before = readout.textContent; });
  readout.addEventListener("keydown", (event) => {
    if (!["Enter", "Escape"].includes(event.key)) return;
    event.preventDefault();
    if (event.key === "Escape") readout.textContent = before;
    readout.blur();
  });
  readout.addEventListener("blur", () => {
    const text = readout.textContent.trim();
    if (text === before) return;
    readout.textContent = before; // until the slider has moved
    say(text);
  });
}

function render({ model, el }) {
  const view = crypto.getRandomValues(new Uint32Array(1))[0].toString(36);
  const box = make("div", "annlab-stage", el);
  const note = make("div", "annlab-note", box);
  const sheet = make("div", "annlab-sheet", box);
  const line = make("p", "annlab-line", box);
  const about = make("details", "annlab-about", box);
  note.setAttribute("role", "status");

  let svg, size = [1, 1], structure, keyed, maps = [], colours, words, due = 0, drag, queue = [], width = 0;
  const tell = (message) => { try { model.send(message); } catch { lost(); } };
  const lost = () => {
    note.textContent = model.get("words").lost;
    note.classList.add("trouble");
  };

  function build() {
    const focused = sheet.contains(document.activeElement) && document.activeElement.dataset.id;
    structure = model.get("structure");
    sheet.innerHTML = structure;
    svg = sheet.querySelector("svg");
    keyed = new Map();
    maps = [];
    if (!svg) return;
    size = svg.getAttribute("viewBox").split(" ").slice(2).map(Number);
    sheet.style.maxWidth = `${size[0]}px`;
    const title = svg.querySelector("title"); // as a label: a title would follow the pointer as a tooltip
    svg.setAttribute("aria-label", title.textContent);
    title.remove();
    if (svg.querySelector("[data-id]")) svg.setAttribute("role", "group"); // an "img" would hide what can be used in it
    for (const element of svg.querySelectorAll("[data-key]")) keyed.set(element.dataset.key, { element, shown: {} });
    for (const place of svg.querySelectorAll("[data-heat]")) {
      const [columns, rows, ...kinds] = place.dataset.heat.split(" ");
      const canvas = make("canvas", kinds.join(" "), sheet), at = (name) => Number(place.getAttribute(name));
      Object.assign(canvas, { width: columns, height: rows });
      canvas.setAttribute("aria-hidden", "true");
      Object.assign(canvas.style, {
        left: `${(100 * at("x")) / size[0]}%`, width: `${(100 * at("width")) / size[0]}%`,
        top: `${(100 * at("y")) / size[1]}%`, height: `${(100 * at("height")) / size[1]}%`,
      });
      maps.push({ context: canvas.getContext("2d"), image: new ImageData(canvas.width, canvas.height), shown: null,
        table: kinds.includes("classes") ? "classes" : "signs" });
    }
    sheet.append(svg); // after the canvases, so that it lies on top
    nameControls(el.closest(".annlab-lab") || el, model, tell);
    if (focused) svg.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  function paint() {
    due = 0;
    if (model.get("structure") !== structure) build();
    const values = model.get("values");
    for (const name in values) {
      for (const key in values[name]) {
        const target = keyed.get(key), value = values[name][key];
        if (!target || target.shown[name] === value) continue;
        target.shown[name] = value;
        if (name === "text") target.element.textContent = value;
        else target.element.setAttribute(name, value[0] === "@" ? words[value.slice(1)] : value);
      }
    }
    const data = model.get("heat"), heat = new Uint8Array(data.buffer || data, data.byteOffset || 0, data.byteLength);
    let start = 0;
    for (const map of maps) {
      const length = map.image.width * map.image.height, part = heat.subarray(start, (start += length));
      if (part.length < length || (map.shown && map.shown.every((level, at) => level === part[at]))) continue;
      map.shown = part.slice();
      const pixels = new Uint32Array(map.image.data.buffer);
      const table = colours[map.table];
      for (let at = 0; at < length; at++) pixels[at] = table[part[at]];
      map.context.putImageData(map.image, 0, 0);
    }
    const text = model.get("description");
    if (line.textContent !== text) line.textContent = text;
    svg?.querySelector("desc")?.replaceChildren(text);
    line.setAttribute("aria-live", model.get("live") ? "off" : "polite");
    note.textContent = model.get("note");
    note.classList.toggle("trouble", model.get("trouble"));
  }
  const schedule = () => { due ||= requestAnimationFrame(paint); };

  function theme() {
    const dark = pageIsDark(el), data = model.get("palette");
    const bytes = new Uint8Array(data.buffer || data, data.byteOffset || 0);
    const colour = (at) => bytes.subarray(3 * at, 3 * at + 3), first = dark ? 256 : 0;
    const table = (start) => Uint32Array.from({ length: 256 }, (_, i) => { // the four bytes of a pixel, red first
      const [r, g, b] = colour(start + i);
      return (255 << 24) | (b << 16) | (g << 8) | r;
    });
    (el.closest(".annlab-lab") || el).classList.toggle("annlab-dark", dark);
    colours = { signs: table(first), classes: table(512 + first) };
    words = Array.from({ length: 256 }, (_, i) => `rgb(${colour(first + i).join(",")})`);
    structure = undefined; // everything is shown afresh
    schedule();
  }

  function explain() {
    about.innerHTML = "<summary></summary><dl></dl>";
    about.firstChild.textContent = model.get("words").about;
    for (const [term, meaning] of model.get("about")) {
      make("dt", "", about.lastChild).textContent = term;
      make("dd", "", about.lastChild).textContent = meaning;
    }
    about.hidden = model.get("about").length === 0;
  }

  // Events: merged to one message per frame of the screen, moves of one drag to one list of points.
  function report(event) {
    if (queue.length === 0) requestAnimationFrame(() => { tell({ events: queue }); queue = []; });
    const last = queue[queue.length - 1];
    if (event.kind === "move" && last?.kind === "move" && last.id === event.id) last.points.push(...event.points);
    else if (event.kind === "hover" && last?.kind === "hover") queue[queue.length - 1] = event;
    else queue.push(event);
  }
  const aim = (event, name) => event.target.closest?.(`[data-${name}]`);
  const places = (events) => {
    const at = svg.getBoundingClientRect();
    return events.map((e) => [((e.clientX - at.left) * size[0]) / at.width, ((e.clientY - at.top) * size[1]) / at.height]);
  };
  sheet.addEventListener("pointerdown", (event) => {
    const target = aim(event, "id");
    if (!target || event.button !== 0 || drag) return;
    sheet.setPointerCapture(event.pointerId); // the sheet outlives a new structure
    drag = { id: target.dataset.id, pointer: event.pointerId };
    target.focus({ preventScroll: true });
    event.preventDefault();
    report({ kind: "down", id: drag.id, points: places([event]), shift: event.shiftKey });
  });
  sheet.addEventListener("pointermove", (event) => {
    const over = !drag && aim(event, "hover");
    if (drag?.pointer === event.pointerId) {
      const passed = event.getCoalescedEvents?.() ?? [];
      report({ kind: "move", id: drag.id, points: places(passed.length ? passed : [event]), shift: event.shiftKey });
    } else if (over) report({ kind: "hover", id: over.dataset.id, points: places([event]), shift: event.shiftKey });
  });
  for (const name of ["pointerup", "pointercancel"]) {
    sheet.addEventListener(name, (event) => {
      if (drag?.pointer !== event.pointerId) return;
      report({ kind: "up", id: drag.id, points: places([event]), shift: event.shiftKey });
      drag = undefined;
    });
  }
  sheet.addEventListener("pointerout", (event) => {
    const left = !drag && aim(event, "hover");
    if (left && !left.contains(event.relatedTarget)) report({ kind: "leave", id: left.dataset.id, points: [], shift: false });
  });
  sheet.addEventListener("touchstart", (event) => { if (aim(event, "id")) event.preventDefault(); }, { passive: false });
  sheet.addEventListener("keydown", (event) => {
    const target = aim(event, "id"), key = event.key === " " ? "Space" : event.key;
    if (!target?.dataset.keys?.split(" ").includes(key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    report({ kind: "key", id: target.dataset.id, key, points: [], shift: event.shiftKey });
  });

  // The notebook takes plain keys from whatever in an output has the focus: arrows go to another cell, d d deletes this one.
  const keepKeys = (event) => {
    if (!el.closest(".annlab-lab")?.contains(event.target)) return;
    const theirs = event.ctrlKey || event.metaKey || event.altKey || (event.shiftKey && event.key === "Enter");
    event.target.toggleAttribute("data-lm-suppress-shortcuts", !theirs);
  };

  // A control may have come to the page after the picture.
  const dress = (event) => {
    const lab = el.closest(".annlab-lab");
    if (lab?.contains(event.target) && !sheet.contains(event.target)) nameControls(lab, model, tell);
  };

  const looking = () => {
    if (model.get("live")) tell(document.visibilityState === "visible" ? { seen: view } : { gone: view });
  };
  const timer = setInterval(() => { if (document.visibilityState === "visible") looking(); }, LOOKING);
  const resized = new ResizeObserver(() => requestAnimationFrame(() => {
    const now = Math.floor(el.clientWidth / 20) * 20;
    if (now > 0 && now !== width) tell({ width: (width = now) });
  }));
  const dressed = new MutationObserver(theme);
  for (const root of [document.documentElement, document.body]) {
    dressed.observe(root, { attributes: true, attributeFilter: ["class", "data-jp-theme-light", "data-jp-theme-name", "theme"] });
  }
  document.addEventListener("visibilitychange", looking);
  window.addEventListener("keydown", keepKeys, true); // before the notebook sees it
  for (const name of ["pointerover", "focusin"]) window.addEventListener(name, dress);
  model.on("change", schedule);
  model.on("change:about", explain);
  model.on("change:live", looking);
  model.on("comm_live_update", lost);
  resized.observe(el);
  explain();
  looking();
  requestAnimationFrame(theme); // by then the view is in the page, and its colours are known

  return () => {
    clearInterval(timer);
    resized.disconnect();
    dressed.disconnect();
    document.removeEventListener("visibilitychange", looking);
    window.removeEventListener("keydown", keepKeys, true);
    for (const name of ["pointerover", "focusin"]) window.removeEventListener(name, dress);
    model.off("change", schedule);
    model.off("change:about", explain);
    model.off("change:live", looking);
    model.off("comm_live_update", lost);
    if (model.get("live")) tell({ gone: view });
  };
}

export default { render };

"use strict";
// The curves: staircases in SVG, with a cursor that reads them.
(function () {
  const { data, byId, el, svg, percent, accuracyAt } = window.densepure;
  const LEFT = 52, RIGHT = 12, TOP = 10, BOTTOM = 48;
  const SOLID = ["", "14 3 3 3", "2 2", "20 4"];
  const shown = data.runs.map(() => true);
  const largest = Math.max(0, ...data.runs.flatMap((run) => run.images.filter((i) => i.outcome === "correct").map((i) => i.radius)));
  const reach = largest > 0 ? 1.06 * largest : 1;
  const chart = byId("chart");
  const root = svg("svg", { "aria-hidden": "true" });
  const frame = svg("g"), curves = svg("g");
  const cursor = svg("line", { class: "cursor", visibility: "hidden" });
  let width = 900, height = 380, at = null;
  const x = (radius) => LEFT + (radius / reach) * (width - LEFT - RIGHT);
  const y = (accuracy) => TOP + (1 - accuracy) * (height - TOP - BOTTOM);

  /** One-shot runs are dashed and bare ones dotted, as in the figures of plot. */
  function dash(r) {
    const kind = (run) => (run.method.startsWith("one-shot") ? "9 5" : run.method === "no denoising" ? "2 4" : "");
    const before = data.runs.slice(0, r).filter((run) => kind(run) === "").length;
    return kind(data.runs[r]) || SOLID[before % SOLID.length];
  }

  /** Round steps to the end of the axis. */
  function step() {
    const rough = reach / (width < 520 ? 4 : 7);
    const power = Math.pow(10, Math.floor(Math.log10(rough)));
    return [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= rough);
  }

  function axes() {
    frame.replaceChildren();
    for (let p = 0; p <= 100; p += 20) {
      frame.append(
        svg("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(p / 100), y2: y(p / 100) }),
        svg("text", { x: LEFT - 8, y: y(p / 100) + 4, "text-anchor": "end" }, String(p)));
    }
    const size = step();
    for (let k = 0; k * size <= reach; k++) {
      frame.append(
        svg("line", { class: "grid", x1: x(k * size), x2: x(k * size), y1: TOP, y2: y(0) }),
        svg("text", { x: x(k * size), y: y(0) + 19, "text-anchor": "middle" }, String(+(k * size).toPrecision(6))));
    }
    const middle = (TOP + y(0)) / 2;
    frame.append(
      svg("line", { class: "axis", x1: LEFT, x2: width - RIGHT, y1: y(0), y2: y(0) }),
      svg("text", { x: (LEFT + width - RIGHT) / 2, y: height - 6, "text-anchor": "middle" }, "L2 radius"),
      svg("text", { x: 12, y: middle, "text-anchor": "middle", transform: `rotate(-90 12 ${middle})` }, "certified accuracy (%)"));
  }

  function path(run) {
    const radii = run.images.filter((i) => i.outcome === "correct").map((i) => i.radius).sort((a, b) => a - b);
    let left = radii.length;
    let d = `M${x(0)} ${y(left / run.images.length)}`;
    for (const radius of radii) {
      left--;
      d += `H${x(radius).toFixed(2)}V${y(left / run.images.length).toFixed(2)}`;
    }
    return d;
  }

  function draw() {
    curves.replaceChildren();
    data.runs.forEach((run, r) => {
      if (shown[r]) {
        curves.append(svg("path", { class: "curve run-" + (r % 6), d: path(run), "stroke-dasharray": dash(r), "data-run": r }));
      }
    });
    chart.setAttribute("aria-label", "Certified accuracy against L2 radius. " + data.runs.filter((run, r) => shown[r])
      .map((run) => `${run.name}: ${percent(accuracyAt(run, 0))} at radius 0, ${percent(accuracyAt(run, largest / 2))} at ${(largest / 2).toFixed(2)}`).join(". "));
  }

  function read(radius) {
    at = Math.min(reach, Math.max(0, radius));
    cursor.setAttribute("x1", x(at));
    cursor.setAttribute("x2", x(at));
    cursor.setAttribute("visibility", "visible");
    const reading = byId("reading");
    reading.replaceChildren(el("span", {}, el("b", {}, "r ≥ " + at.toFixed(3))));
    data.runs.forEach((run, r) => {
      if (shown[r]) {
        reading.append(el("span", {}, el("i", { class: "key run-" + (r % 6), "aria-hidden": "true" }), run.name + ": " + percent(accuracyAt(run, at))));
      }
    });
  }

  function toggles() {
    data.runs.forEach((run, r) => {
      const sample = svg("svg", { viewBox: "0 0 32 12", "aria-hidden": "true" },
        svg("path", { class: "curve run-" + (r % 6), d: "M0 6H32", "stroke-dasharray": dash(r) }));
      const button = el("button", { type: "button", "aria-pressed": "true" }, sample, el("span", {}, run.name));
      button.addEventListener("click", () => {
        shown[r] = !shown[r];
        button.setAttribute("aria-pressed", String(shown[r]));
        draw();
        if (at != null) read(at);
      });
      byId("legend").append(button);
    });
  }

  /** Drawn at the size it has, so that text keeps its size on any screen. */
  function fit() {
    width = Math.max(280, chart.clientWidth);
    height = width < 520 ? 300 : 400;
    root.setAttribute("viewBox", `0 0 ${width} ${height}`);
    cursor.setAttribute("y1", TOP);
    cursor.setAttribute("y2", y(0));
    axes();
    draw();
    if (at != null) read(at);
  }

  root.append(frame, curves, cursor);
  chart.append(root);
  toggles();
  fit();
  new ResizeObserver(fit).observe(chart);
  root.addEventListener("pointermove", (event) => {
    const box = root.getBoundingClientRect();
    const px = ((event.clientX - box.left) / box.width) * width;
    read(((px - LEFT) / (width - LEFT - RIGHT)) * reach);
  });
  chart.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: -0.01, ArrowRight: 0.01, PageUp: 0.1, PageDown: -0.1 };
    if (event.key === "Home" || event.key === "End") {
      read(event.key === "Home" ? 0 : reach);
    } else if (event.key in moves) {
      read((at || 0) + moves[event.key] * reach);
    } else {
      return;
    }
    event.preventDefault();
  });
})();

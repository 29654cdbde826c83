"use strict";
// Everything from files is data: it reaches the page through textContent and attributes only.
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const page = { data, byId, el, svg, number, percent, className };
  window.densepure = page;

  /** An element with attributes and children; strings become text. */
  function el(name, attributes, ...children) {
    return fill(document.createElement(name), attributes, children);
  }

  function svg(name, attributes, ...children) {
    return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
  }

  function fill(element, attributes, children) {
    for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  function number(x, digits) {
    return x == null ? "–" : x.toFixed(digits);
  }

  function percent(fraction) {
    return (100 * fraction).toFixed(1) + " %";
  }

  function className(label) {
    if (label < 0) return "abstain";
    return data.classNames[label] || "class " + label;
  }

  function duration(seconds) {
    if (seconds == null) return "–";
    if (seconds < 90) return seconds.toFixed(1) + " s";
    const minutes = seconds / 60;
    return minutes < 90 ? minutes.toFixed(1) + " min" : (minutes / 60).toFixed(1) + " h";
  }

  function accuracyAt(run, radius) {
    return run.images.filter((i) => i.outcome === "correct" && i.radius >= radius).length / run.images.length;
  }
  page.accuracyAt = accuracyAt;

  function theme() {
    let stored = null;
    try { stored = localStorage.getItem("densepure-theme"); } catch (e) { /* file:// may forbid it */ }
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    const show = (name) => document.documentElement.setAttribute("data-theme", name);
    show(stored || (dark.matches ? "dark" : "light"));
    dark.addEventListener("change", (e) => { if (!stored) show(e.matches ? "dark" : "light"); });
    byId("theme").addEventListener("click", () => {
      stored = document.documentElement.getAttribute("data-theme") === "dark" ? "light" : "dark";
      show(stored);
      try { localStorage.setItem("densepure-theme", stored); } catch (e) { /* then for this visit */ }
    });
  }

  function lead() {
    const images = new Set(data.runs.flatMap((run) => run.images.map((i) => i.index))).size;
    const runs = data.runs.length === 1 ? "one run" : data.runs.length + " runs";
    byId("lead").textContent = images + (images === 1 ? " image, " : " images, ") + runs;
    byId("made").textContent = "Made by DensePure " + data.version + ".";
  }

  /** A column only where some run has lanes that are not finite. */
  function notFinite() {
    const lanes = (run) => run.images.reduce((sum, image) => sum + (image.notFinite || 0), 0);
    return data.runs.some(lanes) ? [["NaN or infinity", lanes, (n) => n + (n === 1 ? " lane" : " lanes")]] : [];
  }

  function summary() {
    const radii = data.radii;
    const columns = [
      ...radii.map((r) => ["r ≥ " + r, (run) => accuracyAt(run, r), percent, true]),
      ["ACR", (run) => run.acr, (x) => number(x, 3), true],
      ["abstained", (run) => run.abstained, percent],
      ["images", (run) => run.images.length, (x) => x],
      ...notFinite(),
      ["votes saved", (run) => run.saved, (x) => (x == null ? "–" : percent(x))],
      ["time", (run) => run.seconds, duration],
    ];
    const head = el("tr", {}, el("th", { scope: "col" }, "run"));
    for (const [title] of columns) head.append(el("th", { scope: "col" }, title));
    const body = el("tbody");
    data.runs.forEach((run, r) => {
      const key = el("i", { class: "key run-" + (r % 6), "aria-hidden": "true" });
      const line = el("tr", {}, el("th", { scope: "row" }, key, run.name));
      for (const [, value, text, compare] of columns) {
        const mine = value(run);
        const best = compare && data.runs.length > 1 && data.runs.every((other) => value(other) <= mine);
        line.append(el("td", best ? { class: "best" } : {}, String(text(mine))));
      }
      body.append(line);
    });
    byId("summary").append(el("thead", {}, head), body);
  }

  function configuration() {
    const fields = [...new Set(data.runs.flatMap((run) => Object.keys(run.configuration)))];
    const head = el("tr", {}, el("th", { scope: "col" }, "field"));
    for (const run of data.runs) head.append(el("th", { scope: "col" }, run.name));
    const body = el("tbody");
    for (const field of fields) {
      const values = data.runs.map((run) => run.configuration[field] || "–");
      const line = el("tr", new Set(values).size > 1 ? { class: "differs" } : {});
      line.append(el("th", { scope: "row" }, field), ...values.map((value) => el("td", {}, value)));
      body.append(line);
    }
    byId("configuration").append(el("thead", {}, head), body);
  }

  theme();
  lead();
  summary();
  configuration();
})();

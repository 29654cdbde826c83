"use strict";
// The images: filtered, sorted, and shown some at a time.
(function () {
  const { data, byId, el, svg, number, percent, className } = window.densepure;
  const CHUNK = 50, BARS = 5;
  const fields = ["run", "outcome", "class", "from", "to", "search", "sort", "order"];
  const form = byId("filters");
  let matching = [];
  let visible = 0;

  function options() {
    data.runs.forEach((run, r) => byId("run").append(el("option", { value: r }, run.name)));
    byId("run-field").hidden = data.runs.length === 1;
    byId("run").value = String(data.runs.reduce((best, run, r) => (run.acr > data.runs[best].acr ? r : best), 0));
    const labels = new Set(data.runs.flatMap((run) => run.images.map((i) => i.label)));
    byId("class").append(el("option", { value: "" }, "all"));
    for (const label of [...labels].sort((a, b) => a - b)) {
      byId("class").append(el("option", { value: label }, className(label)));
    }
  }

  const value = (id) => byId(id).value;
  const run = () => data.runs[Number(value("run"))] || data.runs[0];

  function matches(image) {
    const words = value("search").toLowerCase().split(/\s+/).filter((w) => w);
    const text = [image.index, image.outcome, className(image.label), className(image.prediction)].join(" ").toLowerCase();
    return (value("outcome") === "" || image.outcome === value("outcome"))
      && (value("class") === "" || image.label === Number(value("class")))
      && (value("from") === "" || image.radius >= Number(value("from")))
      && (value("to") === "" || image.radius <= Number(value("to")))
      && words.every((word) => text.includes(word));
  }

  function update() {
    const key = value("sort"), direction = Number(value("order"));
    matching = run().images.filter(matches);
    // Images without a value come last, whatever the order.
    matching.sort((a, b) => (a[key] == null) - (b[key] == null) || direction * (a[key] - b[key]) || a.index - b.index);
    visible = 0;
    byId("rows").replaceChildren();
    more();
  }

  function more() {
    const next = matching.slice(visible, visible + CHUNK);
    byId("rows").append(...next.map(row));
    visible += next.length;
    byId("more").hidden = visible === matching.length;
    byId("more").textContent = `Show more (${matching.length - visible} left)`;
    byId("count").textContent = `${matching.length} of ${run().images.length} images`;
  }

  function row(image) {
    const heading = el("h3", {}, "Image " + image.index, el("span", { class: "verdict " + image.outcome }, image.outcome));
    const facts = el("dl");
    const fact = (name, text) => facts.append(el("dt", {}, name), el("dd", {}, text));
    fact("label", className(image.label));
    fact("prediction", className(image.prediction));
    fact("radius", number(image.radius, 3));
    if (image.bound != null) fact("pABar", number(image.bound, 4));
    if (image.notFinite) fact("NaN or infinity", image.notFinite + (image.notFinite === 1 ? " lane" : " lanes"));
    if (image.seconds != null) fact("time", image.seconds.toFixed(2) + " s");
    others(image, fact);
    return el("li", { "data-index": image.index }, el("div", {}, heading, facts), bars(image), pictures(image));
  }

  /** What the other runs say about the same image. */
  function others(image, fact) {
    for (const other of data.runs) {
      const same = other === run() ? null : other.images.find((i) => i.index === image.index);
      if (same) {
        const answer = same.outcome === "abstained" ? "abstained" : `${className(same.prediction)} ${number(same.radius, 3)}, ${same.outcome}`;
        fact(other.name, answer);
      }
    }
  }

  function bars(image) {
    const box = el("div", { class: "bars" });
    const counts = image.counts || [];
    const total = counts.reduce((sum, [, votes]) => sum + votes, 0);
    const line = (name, votes, kind) => box.append(
      el("span", { class: "name " + kind, title: name }, name),
      svg("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", role: "img", "aria-label": `${name}: ${votes} of ${total} noisy copies` },
        svg("rect", { class: kind, width: Math.max(0.5, (100 * votes) / total), height: 10 })),
      el("span", { class: "votes " + kind }, String(votes)));
    for (const [label, votes] of counts.slice(0, BARS)) line(className(label), votes, label === image.label ? "truth" : "");
    const rest = counts.slice(BARS).reduce((sum, [, votes]) => sum + votes, 0);
    if (rest) line(counts.length - BARS + " more", rest, "");
    return box;
  }

  function pictures(image) {
    const box = el("div", { class: "pictures" });
    for (const picture of image.pictures || []) {
      const verdict = picture.label == null ? "" : picture.label === image.label ? "correct" : "wrong";
      const caption = picture.label == null ? picture.name : picture.name + ": " + className(picture.label);
      box.append(el("figure", {}, el("img", { src: data.pictures[picture.png], alt: `Image ${image.index}, ${caption}` }),
        el("figcaption", { class: verdict }, caption)));
    }
    return box;
  }

  function note() {
    const notes = data.notes || [];
    byId("pictures-note").hidden = notes.length === 0;
    byId("pictures-note").textContent = notes.join(" ");
  }

  options();
  note();
  for (const id of fields) byId(id).addEventListener("input", update);
  form.addEventListener("reset", () => {
    const chosen = value("run");
    setTimeout(() => { byId("run").value = chosen; update(); });
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  byId("more").addEventListener("click", more);
  update();
})();

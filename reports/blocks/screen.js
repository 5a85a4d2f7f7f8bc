// The report on a screen: the index as the engine makes it, tables that sort and filter, figures that say
// their numbers. No library, no network.
(() => {
  "use strict";
  const told = JSON.parse(document.getElementById("arithmetic").textContent);
  const { steps, waves, words } = told;
  const real = (value, digits = 1) => value === null ? told.missing : value.toFixed(digits).replace("-", "−");
  const signed = (value) => { const text = real(value); return value > 0 && /[1-9]/.test(text) ? "+" + text : text; };
  const make = (tag, of = {}, ...children) => {
    const one = document.createElement(tag);
    for (const [name, value] of Object.entries(of)) one.setAttribute(name, value);
    one.append(...children);
    return one;
  };

  // ---- the sum, from the measures up ----
  const mean = (found, power) => {
    if (found.some(([score]) => score < 0)) return null;
    const total = found.reduce((sum, [, weight]) => sum + weight, 0);
    const counted = found.filter(([, weight]) => weight > 0);
    if (power <= 0 && counted.some(([score]) => score === 0)) return 0;
    const part = ([score, weight]) => weight / total * (power === 0 ? Math.log(score) : Math.pow(score, power));
    const sum = counted.reduce((before, one) => before + part(one), 0);
    return power === 0 ? Math.exp(sum) : Math.pow(sum, 1 / power);
  };
  const linear = (found) => {
    const total = found.reduce((sum, [, weight]) => sum + weight, 0);
    return found.reduce((sum, [score, weight]) => sum + score * weight, 0) / total;
  };
  // weights of places, for fewer places too: from one cumulative curve
  const places = (given, count) => {
    const total = given.reduce((a, b) => a + b, 0);
    const curve = [0];
    for (const weight of given) curve.push(curve[curve.length - 1] + weight / total);
    const at = (share) => {
      const x = share * given.length, n = Math.min(Math.floor(x), given.length - 1);
      return curve[n] + (x - n) * (curve[n + 1] - curve[n]);
    };
    return Array.from({ length: count }, (_, n) => at((n + 1) / count) - at(n / count));
  };
  const middle = (sorted) => {
    const n = sorted.length;
    return (sorted[Math.floor((n - 1) / 2)] + sorted[Math.floor(n / 2)]) / 2;
  };
  const weighed = ["arithmetic", "geometric", "harmonic", "power", "gate"];
  const combine = (rule, found, gate) => {
    const falling = found.map(([score]) => score).sort((a, b) => b - a);
    if (weighed.includes(rule.method) && !(found.reduce((sum, [, weight]) => sum + weight, 0) > 0)) return null;
    switch (rule.method) {
      case "arithmetic": return linear(found);
      case "geometric": return mean(found, 0);
      case "harmonic": return mean(found, -1);
      case "power": return mean(found, rule.exponent);
      case "minimum": return falling[falling.length - 1];
      case "maximum": return falling[0];
      case "median": return middle(falling);
      case "owa": return places(rule.weights, falling.length).reduce((sum, weight, n) => sum + weight * falling[n], 0);
      case "gate": return gate !== null && gate < rule.below ? Math.min(linear(found), rule.cap) : linear(found);
    }
    return null;
  };
  const fixed = (step) => step.rule && step.rule.method === "fuzzy";
  const roll = (wave, weights) => {
    const scores = wave.scores.slice(), applies = wave.applies.slice();
    for (let n = steps.length - 1; n >= 0; n--) {
      const [first, end] = steps[n].children;
      if (first === end) continue;
      const children = Array.from({ length: end - first }, (_, k) => first + k);
      applies[n] = children.some((child) => applies[child]);
      if (fixed(steps[n])) continue;
      const present = children.filter((child) => scores[child] !== null);
      const asked = children.filter((child) => applies[child]).length;
      if (!present.length || present.length < steps[n].share * asked - 1e-12) { scores[n] = null; continue; }
      const on = children.find((child) => steps[child].id === steps[n].rule.on);
      scores[n] = combine(steps[n].rule, present.map((child) => [scores[child], weights[child]]), on === undefined ? null : scores[on]);
    }
    return scores;
  };

  // ---- weights that move the index ----
  const depth = (n) => steps[n].parent === null ? 0 : 1 + depth(steps[n].parent);
  const held = (n) => n !== null && (fixed(steps[n]) || held(steps[n].parent));
  const movable = (n) => {
    const [first, end] = steps[n].children;
    return end - first > 1 && weighed.includes(steps[n].rule.method) && !held(n) && depth(n) < 2;
  };
  const whatIf = () => {
    let groups = steps.map((_, n) => n).filter((n) => steps[n].rule && movable(n));
    if (groups.reduce((sum, n) => sum + steps[n].children[1] - steps[n].children[0], 0) > 80) groups = groups.slice(0, 1);
    if (!groups.length) return;
    const original = waves.map((wave) => wave.weights.slice());
    let weights = original.map((each) => each.slice());
    const results = waves.map((wave) => {
      const value = make("output", { class: "big" }), moved = make("p", { class: "small" });
      return { value, moved, node: make("div", { class: "figure" }, make("p", { class: "label" }, wave.title), value, moved) };
    });
    const controls = [];
    const show = () => {
      waves.forEach((wave, w) => {
        const now = roll(wave, weights[w])[0], was = wave.scores[0];
        results[w].value.textContent = real(now);
        results[w].value.dataset.value = now === null ? "" : String(now);
        const moved = now === null || was === null ? null : now - was;
        results[w].moved.textContent = `${words.reported} ${real(was)} · ${words.moved} ${signed(moved)}`;
      });
      for (const { n, share } of controls) {
        const [first, end] = steps[steps[n].parent].children, own = weights[weights.length - 1];
        const total = own.slice(first, end).reduce((a, b) => a + b, 0);
        share.textContent = total > 0 ? real(100 * own[n] / total, 0) + "%" : told.missing;
      }
    };
    const blocks = groups.map((group, place) => {
      const [first, end] = steps[group].children;
      const rows = Array.from({ length: end - first }, (_, k) => first + k).map((n) => {
        const input = make("input", { type: "range", min: 1, max: 100, step: 1, id: `weight-${steps[n].id}` });
        const share = make("output", { class: "num", for: input.id });
        const start = () => { input.value = String(Math.round(100 * original[original.length - 1][n])); };
        input.addEventListener("input", () => {
          for (const each of weights) each[n] = Number(input.value) / 100;
          show();
        });
        start();
        controls.push({ n, share, start });
        return make("div", { class: "slider" }, make("label", { for: input.id }, steps[n].title), input, share);
      });
      const block = make("details", place ? {} : { open: "" }, make("summary", {}, words.weight_of.replace("{node}", steps[group].title)), ...rows);
      return block;
    });
    const reset = make("button", { type: "button", id: "weights-as-reported" }, words.reset);
    reset.addEventListener("click", () => {
      weights = original.map((each) => each.slice());
      for (const control of controls) control.start();
      show();
    });
    const note = steps.some((step) => fixed(step)) ? [make("p", { class: "caption" }, words.fixed)] : [];
    const figures = make("div", { class: "figures", "aria-live": "polite" }, ...results.map((one) => one.node));
    document.querySelector("main").append(make("section", { id: "what-if", class: "chapter what-if" },
      make("h2", {}, words.title), make("p", { class: "definition" }, words.about), figures, ...blocks, reset, ...note));
    show();
  };

  // ---- tables ----
  const cellAt = (row, column) => {
    let at = 0;
    for (const cell of row.cells) { at += cell.colSpan; if (column < at) return cell; }
    return null;
  };
  const number = (text) => {
    const found = text.replace(/−/g, "-").replace(/[,\u00a0]/g, "").match(/[+-]?\d+(\.\d+)?/);
    return found ? Number(found[0]) : null;
  };
  const compare = (column, numeric, way) => (a, b) => {
    const [x, y] = [a, b].map((row) => (cellAt(row, column) || {}).textContent || "").map((text) => text.trim());
    if (!numeric) return way * x.localeCompare(y, document.documentElement.lang, { numeric: true });
    const [p, q] = [number(x), number(y)];
    if (p === null || q === null) return (p === null) - (q === null); // missing last, whichever way
    return way * (p - q);
  };
  const sortable = (table) => {
    const body = table.tBodies[0], original = [...body.rows], heads = [...table.tHead.rows[0].cells];
    if (original.length < 3) return;
    let column = 0;
    for (const head of heads) {
      const at = column;
      column += head.colSpan;
      if (!head.textContent.trim() || head.querySelector(".ticks") || head.classList.contains("onscale")) continue;
      const button = make("button", { type: "button", class: "sort", title: words.sort }, ...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const next = { none: "ascending", ascending: "descending", descending: "none" }[head.ariaSort || "none"];
        for (const other of heads) other.removeAttribute("aria-sort");
        if (next !== "none") head.setAttribute("aria-sort", next);
        const rows = next === "none" ? original : original.slice().sort(compare(at, head.classList.contains("num"), next === "ascending" ? 1 : -1));
        body.append(...rows);
      });
    }
  };
  let named = 0;
  const filterable = (table) => {
    const rows = [...table.tBodies[0].rows];
    if (rows.length < 8) return;
    const id = `filter-${++named}`, count = make("output", { class: "count", for: id });
    const input = make("input", { type: "search", id });
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLocaleLowerCase();
      for (const row of rows) row.hidden = !row.textContent.toLocaleLowerCase().includes(wanted);
      const shown = rows.filter((row) => !row.hidden).length;
      count.textContent = wanted ? words.rows.replace("{shown}", shown).replace("{all}", rows.length) : "";
    });
    table.parentElement.before(make("div", { class: "filter" }, make("label", { for: id }, words.filter), input, count));
  };

  // ---- marks that say their numbers, to a pointer and to the keyboard ----
  const tip = make("div", { id: "tip", hidden: "" });
  const point = (mark, text) => {
    const show = () => {
      tip.textContent = text;
      tip.hidden = false;
      const box = mark.getBoundingClientRect(), room = document.documentElement.clientWidth;
      tip.style.left = Math.max(4, Math.min(box.left, room - tip.offsetWidth - 4)) + "px";
      tip.style.top = Math.max(4, box.top - tip.offsetHeight - 6) + "px";
    };
    const hide = () => { tip.hidden = true; };
    mark.addEventListener("focus", show);
    mark.addEventListener("blur", hide);
    mark.addEventListener("pointerenter", show);
    mark.addEventListener("pointerleave", hide);
  };
  // one stop of the Tab key for all marks of a figure; arrows go from one to the next
  const roving = (marks) => marks.forEach((mark, n) => {
    mark.setAttribute("tabindex", n ? "-1" : "0");
    mark.addEventListener("keydown", (event) => {
      if (event.key === "Escape") tip.hidden = true;
      const to = marks[n + ({ ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key] || 0)];
      if (!to || to === mark) return;
      event.preventDefault();
      mark.setAttribute("tabindex", "-1");
      to.setAttribute("tabindex", "0");
      to.focus();
    });
  });
  const bars = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    const marks = [...table.querySelectorAll("tbody .track")];
    for (const mark of marks) {
      const row = mark.closest("tr"), parts = [row.cells[0].textContent.trim()];
      let column = 0;
      for (const head of heads) {
        const cell = cellAt(row, column);
        if (head.classList.contains("num") && cell && cell.colSpan === 1 && cell.textContent.trim()) parts.push(`${head.textContent.trim()} ${cell.textContent.trim()}`);
        column += head.colSpan;
      }
      mark.setAttribute("role", "img");
      mark.setAttribute("aria-label", parts.join(" · "));
      point(mark, parts.join(" · "));
    }
    roving(marks);
  };
  const SVG = "http://www.w3.org/2000/svg";
  const drawing = (svg) => {
    const view = svg.viewBox.baseVal, scale = view.width / (svg.getBoundingClientRect().width || view.width);
    const top = svg.getBoundingClientRect().top, lines = [];
    for (const text of svg.querySelectorAll("text")) {
      const box = text.getBoundingClientRect();
      const y = view.y + ((box.top + box.bottom) / 2 - top) * scale, x = box.left;
      const line = lines.find((one) => Math.abs(one.y - y) < 5);
      if (line) line.texts.push([x, text.textContent.trim()]); else lines.push({ y, texts: [[x, text.textContent.trim()]] });
    }
    const marks = lines.filter((line) => line.texts.length > 1 && line.texts.some(([, text]) => /\d/.test(text)) && line.texts.some(([, text]) => /\p{L}/u.test(text)))
      .sort((a, b) => a.y - b.y).map((line) => {
        const said = line.texts.sort((a, b) => a[0] - b[0]).map(([, text]) => text).join(" ");
        const mark = document.createElementNS(SVG, "rect");
        const place = { x: view.x, y: line.y - 7, width: view.width, height: 14, class: "mark", role: "img" };
        for (const [name, value] of Object.entries(place)) mark.setAttribute(name, value);
        const title = document.createElementNS(SVG, "title");
        title.textContent = said;
        mark.append(title);
        point(mark, said);
        return mark;
      });
    if (!marks.length) return;
    const title = svg.querySelector("title");
    svg.setAttribute("role", "group");
    svg.setAttribute("aria-label", title.textContent);
    title.remove();
    svg.append(...marks);
    roving(marks);
  };
  const reachable = () => {
    for (const box of document.querySelectorAll(".scroll, figure")) {
      if (box.scrollWidth > box.clientWidth + 1) box.setAttribute("tabindex", "0"); else box.removeAttribute("tabindex");
    }
  };

  for (const table of document.querySelectorAll("main table")) {
    if (!table.tHead || !table.tBodies.length) continue;
    bars(table);
    sortable(table);
    filterable(table);
  }
  document.querySelectorAll("main figure svg").forEach(drawing);
  whatIf();
  document.body.append(tip);
  reachable();
  addEventListener("resize", reachable);
})();

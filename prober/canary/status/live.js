// Keeps the status page up to date: asks every few seconds, and puts a newer page in the place of this one.
// What the reader has opened, ticked or reached stays so. The page is whole without it.
"use strict";
(() => {
  const EVERY = 5000, PATIENCE = 10000, PARTS = ["body > header", "main"];
  const say = (text) => {
    const place = document.getElementById("live");
    if (place.textContent !== text) place.textContent = text;
  };
  // A node of the newer page is the same as one of this if it is called the same; the run in a link is another one.
  const called = (node) =>
    [node.tagName, node.id, node.className, node.getAttribute("aria-label"), node.getAttribute("href")?.replace(/^.*#/, ""),
      node.tagName === "SUMMARY" ? node.textContent.replace(/\d+/g, "") : ""].join(" ");
  const all = (selector) => [...document.querySelectorAll(selector)];

  const taken = () => ({
    focus: document.activeElement && document.activeElement !== document.body ? called(document.activeElement) : null,
    boxes: new Map(all("input").map((box) => [called(box), box.checked])),
    surface: document.getElementById("surface")?.value,
    folds: new Set(all("details[open] > summary").map(called)),
    scrolled: all(".matrix, .counts").map((box) => [box.scrollLeft, box.scrollTop]),
  });
  const given = (was) => {
    for (const box of all("input")) if (was.boxes.has(called(box))) box.checked = was.boxes.get(called(box));
    const surface = document.getElementById("surface");
    if (surface && was.surface !== undefined) surface.value = was.surface;
    if (surface && surface.selectedIndex < 0) surface.selectedIndex = 0;
    for (const fold of all("details > summary")) if (was.folds.has(called(fold))) fold.parentElement.open = true;
    all(".matrix, .counts").forEach((box, n) => was.scrolled[n] && box.scrollTo(...was.scrolled[n]));
    if (was.focus) all("a, input, select, summary, [tabindex]").find((node) => called(node) === was.focus)?.focus({ preventScroll: true });
  };

  const sentence = () => document.querySelector("h1")?.textContent;
  const show = (text) => {
    // Other surfaces have another style, which the policy of this page forbids, also to what is only parsed here.
    if (!text.includes(`<style>${document.querySelector("style").textContent}</style>`)) return location.reload();
    const page = new DOMParser().parseFromString(text, "text/html");
    const was = taken(), before = sentence();
    for (const part of PARTS) document.querySelector(part).replaceWith(page.querySelector(part));
    document.title = page.title;
    document.documentElement.dataset.version = page.documentElement.dataset.version;
    given(was);
    if (sentence() !== before) say(sentence());
  };

  const look = async () => {
    try {
      const answer = await fetch("./", {
        headers: { "If-None-Match": `"${document.documentElement.dataset.version}"` },
        cache: "no-store", signal: AbortSignal.timeout(PATIENCE),
      });
      if (answer.status === 200) show(await answer.text());
      else if (answer.status !== 304) throw new Error(`answered ${answer.status}`);
      if (document.documentElement.dataset.lost) {
        delete document.documentElement.dataset.lost;
        say("");
      }
    } catch {
      document.documentElement.dataset.lost = "yes";
      say("The canary does not answer: this is how it was.");
    }
  };

  let due;
  const beat = async () => {
    clearTimeout(due);
    if (!document.hidden) await look();
    due = setTimeout(beat, EVERY);
  };
  document.addEventListener("visibilitychange", () => document.hidden || beat());
  due = setTimeout(beat, EVERY);
})();

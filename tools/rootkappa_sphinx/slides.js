// Slides: the arrow keys, a click or a swipe lead on; the number in the address is the slide.
"use strict";
const slides = [...document.querySelectorAll("main > section")];
const at = () => Math.min(slides.length, Math.max(1, Number(location.hash.slice(1)) || 1)) - 1;
const show = (index) => {
  slides.forEach((slide, number) => slide.classList.toggle("shown", number === index));
  document.querySelector("footer output").textContent = `${index + 1} / ${slides.length}`;
};
const go = (by) => { location.hash = Math.min(slides.length, Math.max(1, at() + 1 + by)); };
addEventListener("hashchange", () => show(at()));
addEventListener("keydown", ({ key }) => {
  if (["ArrowRight", "PageDown", " "].includes(key)) go(1);
  if (["ArrowLeft", "PageUp"].includes(key)) go(-1);
});
document.querySelector("#next").addEventListener("click", () => go(1));
document.querySelector("#back").addEventListener("click", () => go(-1));
document.documentElement.classList.add("moving");
show(at());

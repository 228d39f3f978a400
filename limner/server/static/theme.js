// @ts-check
// Before the first paint: the looks that were chosen the last time, if any were.
{
  const chosen = localStorage.getItem("limner.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
}

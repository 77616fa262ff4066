// Some explanations take seconds: say so, once one is asked for.
for (const link of document.querySelectorAll('a[href^="/why?"]')) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    document.getElementById("main").setAttribute("aria-busy", "true");
    if (typeof announce === "function") announce("Explaining");
  });
}

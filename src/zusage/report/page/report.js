(() => {
  const list = document.querySelector(".people");
  const field = document.querySelector("#search");
  if (!list || !field) return;
  document.documentElement.classList.add("script");
  const rows = [...list.querySelectorAll("details")];
  const shown = document.querySelector("#shown");
  const filter = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const fits = words.every((word) => row.dataset.search.includes(word));
      row.hidden = !fits;
      if (fits) count += 1;
    }
    shown.value = shown.dataset.text.replace("#", count);
  };
  field.addEventListener("input", filter);
  // a link into the list must find its row, whatever was searched for before
  document.addEventListener("click", (event) => {
    if (event.target.closest('a[href^="#k-"]')) {
      field.value = "";
      filter();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && event.target !== field) {
      event.preventDefault();
      field.focus();
    }
    if (event.key === "Escape" && event.target === field) {
      field.value = "";
      filter();
    }
  });
  filter();
})();

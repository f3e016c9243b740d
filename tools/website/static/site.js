// What Sphinx's search lacks for this site (tools/website).
document.addEventListener("DOMContentLoaded", () => {
  if (typeof Search === "undefined") return; // not the page of the search

  // Of pages that match equally, those of the course come first.
  Scorer.score = ([page, , , , score]) => score + (/^(notebooks|lessons\/\d)/.test(page) ? 0.5 : 0);

  // An excerpt is of a page's text, without the buttons and the contents above it.
  const htmlToText = Search.htmlToText;
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const part of page.querySelectorAll(".bd-header-article, #jb-print-docs-body")) part.remove();
    return htmlToText(page.documentElement.outerHTML, anchor);
  };
});

// Keeps the page as it is now: asks for it each second, and puts what it shows into this one.
// Nothing is asked for while nobody looks.
const PAUSE = 1000;
let last = new Date();

async function refresh() {
  try {
    const answer = await fetch("/", {
      headers: { Accept: "text/html" },
      cache: "no-store",
      signal: AbortSignal.timeout(5000),
    });
    if (!answer.ok) {
      throw new Error(answer.status);
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const main = page.querySelector("main");
    // What somebody is about to copy stays where it is.
    if (main && getSelection().isCollapsed) {
      document.querySelector("main").replaceWith(main);
    }
    document.body.classList.remove("stale");
    last = new Date();
  } catch (error) {
    document.querySelector("#stale").textContent =
      `No answer since ${last.toLocaleTimeString()}: what is shown is as of then.`;
    document.body.classList.add("stale");
  }
}

async function live() {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    if (!document.hidden) {
      await refresh();
    }
  }
}

live();

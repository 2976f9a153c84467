/** Keeps the page itself on the device, so that it opens in a stockroom without a signal. */

const KEPT = "nearshelf-staff-page";

/** Only a page that came by https (or from this machine) may do that; others go without. */
export async function keepPage() {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register("/staff-worker.js", { scope: "/staff" });
  const loaded = performance.getEntriesByType("resource").map(({ name }) => new URL(name));
  const files = loaded.filter(({ origin, pathname }) => origin === location.origin && pathname.startsWith("/static/"));
  const kept = await caches.open(KEPT);
  await kept.addAll(["/staff", ...new Set(files.map(({ pathname }) => pathname))]);
}

/** Opens the staff page where there is no connection: page, scripts and styles as they last came. Data is never kept. */

const KEPT = "nearshelf-staff-page";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  const ours = origin === location.origin && (pathname === "/staff" || pathname.startsWith("/static/"));
  if (ours && method === "GET") event.respondWith(newest(event.request));
});

/** From the service if it can, else what was kept. */
async function newest(request) {
  const kept = await caches.open(KEPT);
  const answer = await fetch(request).catch(() => null);
  if (answer?.ok) await kept.put(request, answer.clone());
  return answer?.ok ? answer : (await kept.match(request)) ?? answer ?? Response.error();
}

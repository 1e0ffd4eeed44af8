// The map page: draws the layers that the page names, with MapLibre. Every word stands in the page; nothing here is text for people.
const page = document.getElementById("map-page");
const config = JSON.parse(page.dataset.config);
const words = {};
for (const item of document.querySelectorAll("#map-words li")) words[item.dataset.word] = item.textContent;
const $ = (id) => document.getElementById(id);
const [canvas, out, status] = [$("map"), $("map-out"), $("map-status")];
const dark = matchMedia("(prefers-color-scheme: dark)").matches;
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const ink = dark
  ? { ground: "#1b1d1f", area: "#26292c", line: "#6f7a84", text: "#f1eee9", halo: "#161412", water: "#22303c", sketch: "#ffb86b" }
  : { ground: "#eef1f2", area: "#fbfaf7", line: "#8a939b", text: "#1f1d1a", halo: "#ffffff", water: "#d5e4ee", sketch: "#a8430b" };
const number = new Intl.NumberFormat(document.documentElement.lang === "vi" ? "vi-VN" : "en-GB", { maximumFractionDigits: 2 });
const say = (word, values = {}) => Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), words[word] || "");
const absolute = (path) => location.origin + path;
const state = { on: config.on, filters: {}, tool: null, points: [], turn: 0 };

const element = (name, content, attributes = {}) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  for (const part of [].concat(content ?? [])) made.append(part);
  return made;
};
const tell = (text) => { status.textContent = text; };

// What a layer's tiles are asked for.
const query = (layer) => {
  const chosen = Object.entries(state.filters[layer.id] || {}).filter(([, value]) => value);
  return new URLSearchParams(chosen).toString();
};
const tiles = (layer) => [absolute(layer.tiles) + (query(layer) ? `?${query(layer)}` : "")];
const areas = (tier) => [absolute(`/map/areas/${tier}/{z}/{x}/{y}?on=${state.on}`)];

const colour = (layer) => layer.by
  ? ["match", ["get", layer.by.field], ...layer.by.choices.flatMap((choice) => [choice.value, choice.colour]), layer.colour]
  : layer.colour;
const one = ["<=", ["coalesce", ["get", "n"], 1], 1];
const is = (type) => ["==", ["geometry-type"], type];
const font = ["Be Vietnam Pro"];

// The layers of the style that draw one layer of the page.
function drawn(layer) {
  const of = (id, type, filter, paint, layout = {}) =>
    ({ id: `${layer.id}:${id}`, type, source: layer.id, "source-layer": layer.within, filter, paint, layout });
  return [
    of("area", "fill", is("Polygon"), { "fill-color": colour(layer), "fill-opacity": 0.35 }),
    of("edge", "line", ["any", is("Polygon"), is("LineString")], { "line-color": colour(layer), "line-width": 2 }),
    of("point", "circle", ["all", is("Point"), one], {
      "circle-color": colour(layer),
      "circle-radius": ["interpolate", ["linear"], ["zoom"], 8, 2, 13, 3.5, 18, 8],
      "circle-stroke-color": ink.halo,
      "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 10, 0, 15, 1],
    }),
    of("cluster", "circle", ["all", is("Point"), ["!", one]], {
      "circle-color": layer.colour,
      "circle-opacity": 0.75,
      "circle-radius": ["interpolate", ["linear"], ["ln", ["get", "n"]], 0.7, 3, 5, 6, 9, 13],
    }),
  ];
}

// A base map from a file of the operator: pictures as they are, vectors in two quiet tones.
function base() {
  if (!config.base) return { sources: {}, layers: [] };
  const { tiles: path, vector, zooms, layers, attribution } = config.base;
  const source = { type: vector ? "vector" : "raster", tiles: [absolute(path)], minzoom: zooms[0], maxzoom: zooms[1] };
  if (!vector) source.tileSize = 256;
  if (attribution) source.attribution = attribution;
  const of = (id, type, filter, paint) => ({ id: `base:${id}:${type}`, type, source: "base", "source-layer": id, filter, paint });
  const drawn = vector
    ? (layers || []).flatMap((id) => [
        of(id, "fill", is("Polygon"), { "fill-color": /water|ocean|sea/.test(id) ? ink.water : ink.area, "fill-opacity": 0.7 }),
        of(id, "line", is("LineString"), { "line-color": ink.line, "line-width": 0.6 }),
      ])
    : [{ id: "base", type: "raster", source: "base" }];
  return { sources: { base: source }, layers: drawn };
}

function style() {
  const under = base();
  const sources = { ...under.sources };
  const layers = [{ id: "ground", type: "background", paint: { "background-color": ink.ground } }, ...under.layers];
  for (const tier of ["commune", "province"]) {
    const source = `areas:${tier}`;
    const within = { source, "source-layer": tier };
    sources[source] = { type: "vector", tiles: areas(tier), minzoom: 0, maxzoom: 14 };
    const from = tier === "commune" ? 8 : 0;
    const near = tier === "commune" ? 10 : 5;
    const label = { "text-field": ["get", "name"], "text-font": font, "text-size": tier === "commune" ? 11 : 13, "text-max-width": 8 };
    const text = { "text-color": ink.text, "text-halo-color": ink.halo, "text-halo-width": 1.2 };
    layers.push(
      { id: `${source}:fill`, type: "fill", ...within, minzoom: from, filter: is("Polygon"),
        paint: { "fill-color": ink.area, "fill-opacity": config.base ? 0.1 : tier === "province" ? 0.5 : 0.25 } },
      { id: `${source}:line`, type: "line", ...within, minzoom: from, filter: is("Polygon"),
        paint: { "line-color": ink.line, "line-width": tier === "province" ? 1.6 : 0.8 } },
      { id: `${source}:centre`, type: "circle", ...within, minzoom: from, filter: ["all", is("Point"), one],
        paint: { "circle-color": ink.line, "circle-radius": 3 } },
      { id: `${source}:name`, type: "symbol", ...within, minzoom: near, maxzoom: tier === "commune" ? 22 : 10, filter: ["has", "name"],
        layout: label, paint: text },
    );
  }
  for (const layer of config.layers) {
    sources[layer.id] = { type: "vector", tiles: tiles(layer), minzoom: 0, maxzoom: config.zoom_max };
    if (layer.licence) sources[layer.id].attribution = `${layer.name}: ${layer.licence}`;
    layers.push(...drawn(layer));
    layers.push({ id: `${layer.id}:number`, type: "symbol", source: layer.id, "source-layer": layer.within,
      filter: ["all", is("Point"), [">", ["coalesce", ["get", "n"], 1], 99]],
      layout: { "text-field": ["number-format", ["get", "n"], { locale: document.documentElement.lang }], "text-font": font, "text-size": 11 },
      paint: { "text-color": "#ffffff", "text-halo-color": layer.colour, "text-halo-width": 1.5 } });
  }
  sources.sketch = { type: "geojson", data: { type: "FeatureCollection", features: [] } };
  layers.push(
    { id: "sketch:fill", type: "fill", source: "sketch", filter: is("Polygon"), paint: { "fill-color": ink.sketch, "fill-opacity": 0.15 } },
    { id: "sketch:line", type: "line", source: "sketch", paint: { "line-color": ink.sketch, "line-width": 2.5 } },
    { id: "sketch:point", type: "circle", source: "sketch", filter: is("Point"),
      paint: { "circle-color": ink.sketch, "circle-radius": 5, "circle-stroke-color": ink.halo, "circle-stroke-width": 2 } },
  );
  return { version: 8, sources, layers };
}

const gl = await import(absolute(config.maplibre));
gl.setWorkerUrl(absolute(config.worker));
const [west, south, east, north] = config.bounds;
const locale = { "NavigationControl.ZoomIn": words["zoom-in"], "NavigationControl.ZoomOut": words["zoom-out"],
  "AttributionControl.ToggleAttribution": words["attribution"], "Map.Title": words["map-label"],
  "ScaleControl.Meters": "m", "ScaleControl.Kilometers": "km" };
// A browser that cannot draw keeps the picture.
const picture = [...canvas.childNodes];
canvas.replaceChildren();
const begun = (options) => {
  try {
    return new gl.Map(options);
  } catch (error) {
    canvas.replaceChildren(...picture);
    tell(words["failed"]);
    throw error;
  }
};
const map = begun({
  container: canvas, style: style(), bounds: [[west, south], [east, north]], fitBoundsOptions: { padding: 40, maxZoom: 15 },
  maxZoom: 20, dragRotate: false, pitchWithRotate: false, touchPitch: false, attributionControl: { compact: true }, locale,
  canvasContextAttributes: { preserveDrawingBuffer: true }, fadeDuration: still ? 0 : 200,
});
map.touchZoomRotate.disableRotation();
map.addControl(new gl.NavigationControl({ showCompass: false }), "top-right");
map.addControl(new gl.ScaleControl({ unit: "metric" }), "bottom-left");
map.on("error", (event) => { if (!map.loaded()) tell(words["failed"]); console.warn(event.error); });
map.once("load", () => { page.dataset.ready = "yes"; });
map.on("dataloading", () => { page.dataset.idle = ""; });
map.on("idle", () => { page.dataset.idle = "yes"; });

// Layers: shown or hidden, filtered.
const isOn = (layer) => document.querySelector(`[data-layer="${CSS.escape(layer.id)}"]`)?.checked ?? true;
const show = (start, on) => {
  for (const { id } of map.getStyle().layers) {
    if (id.startsWith(`${start}:`)) map.setLayoutProperty(id, "visibility", on ? "visible" : "none");
  }
};
for (const box of document.querySelectorAll("[data-layer], [data-areas]")) {
  const start = box.dataset.layer ?? `areas:${box.dataset.areas}`;
  box.hidden = false;
  box.addEventListener("change", () => show(start, box.checked));
  if (!box.checked) map.once("load", () => show(start, false));
}
for (const filter of document.querySelectorAll("[data-filter]")) {
  filter.parentElement.hidden = false;
  filter.addEventListener("change", () => {
    (state.filters[filter.dataset.of] ||= {})[filter.dataset.filter] = filter.value;
    const layer = config.layers.find((known) => known.id === filter.dataset.of);
    map.getSource(layer.id).setTiles(tiles(layer));
  });
}

// Time: the boundaries that held on a day.
const days = [...document.querySelectorAll(".map-days li")];
const slider = $("map-time");
if (slider && days.length) {
  $("map-slider").hidden = false;
  document.querySelector(".map-days").hidden = true;
  const move = () => {
    const day = days[Number(slider.value)];
    state.on = day.dataset.day;
    $("map-time-words").textContent = day.dataset.words;
    for (const tier of ["province", "commune"]) map.getSource(`areas:${tier}`)?.setTiles(areas(tier));
  };
  slider.addEventListener("input", move);
}

// What is found stands below the map, so that it can be read and printed.
const list = (layer, answer) => {
  const items = answer.items.map((item) => {
    const facts = element("dl", item.facts.flatMap(([label, value]) => [element("dt", label), element("dd", value)]));
    const title = item.href ? element("a", item.title, { href: item.href }) : item.title;
    return element("details", [element("summary", [element("strong", title)]), facts]);
  });
  if (items.length === 1) items[0].open = true;
  const parts = [element("h3", say("count", { name: layer.name, n: number.format(answer.count) })), ...items];
  if (answer.count > answer.items.length) parts.push(element("p", say("more", { n: answer.items.length }), { class: "small muted" }));
  return element("section", parts);
};
async function ask(parameters, focus) {
  const turn = ++state.turn;
  tell(words["loading"]);
  const shown = config.layers.filter(isOn);
  const answers = await Promise.all(shown.map(async (layer) => {
    const all = new URLSearchParams(query(layer));
    for (const [name, value] of Object.entries(parameters)) all.set(name, value);
    const answer = await fetch(`/map/records/${layer.id}?${all}`, { headers: { accept: "application/json" } });
    return answer.ok ? [layer, await answer.json()] : null;
  })).catch(() => null);
  if (turn !== state.turn) return;
  if (!answers || answers.includes(null)) { tell(words["failed"]); return; }
  const total = answers.reduce((sum, [, answer]) => sum + answer.count, 0);
  const full = answers.filter(([, answer]) => answer.count > 0);
  const close = element("button", words["close"], { type: "button", class: "btn quiet small" });
  close.addEventListener("click", () => { out.hidden = true; map.getCanvas().focus(); });
  out.replaceChildren(element("h2", total ? words["records-here"] : words["none-here"], { class: "first" }),
    ...full.map(([layer, answer]) => list(layer, answer)), close);
  out.hidden = false;
  tell(total ? say("shown", { n: number.format(total) }) : words["none-here"]);
  if (focus) out.focus();
}
const box = (bounds) => bounds.map((degrees) => degrees.toFixed(6)).join(",");
function around(point, focus) {
  const reach = 9;
  const [low, high] = [map.unproject([point.x - reach, point.y + reach]), map.unproject([point.x + reach, point.y - reach])];
  return ask({ bbox: box([low.lng, low.lat, high.lng, high.lat]) }, focus);
}

// Drawing: an area of interest, or a line that is measured.
const metres = (a, b) => {
  const rad = Math.PI / 180;
  const h = Math.sin(((b[1] - a[1]) * rad) / 2) ** 2
    + Math.cos(a[1] * rad) * Math.cos(b[1] * rad) * Math.sin(((b[0] - a[0]) * rad) / 2) ** 2;
  return 2 * 6371008.8 * Math.asin(Math.sqrt(h));
};
const length = (points) => points.slice(1).reduce((sum, point, at) => sum + metres(points[at], point), 0);
const surface = (points) => {
  const rad = Math.PI / 180;
  const sum = points.reduce((total, [x, y], at) => {
    const [nx, ny] = points[(at + 1) % points.length];
    return total + (nx - x) * rad * (2 + Math.sin(y * rad) + Math.sin(ny * rad));
  }, 0);
  return Math.abs((sum * 6371008.8 ** 2) / 2);
};
const distance = (m) => (m < 1000 ? `${number.format(Math.round(m))} m` : `${number.format(m / 1000)} km`);
const extent = (m2) => (m2 < 100000 ? `${number.format(Math.round(m2))} m²` : m2 < 1e7 ? `${number.format(m2 / 10000)} ha` : `${number.format(m2 / 1e6)} km²`);
function sketch() {
  const points = state.points;
  const feature = (type, coordinates) => ({ type: "Feature", properties: {}, geometry: { type, coordinates } });
  const features = points.map((point) => feature("Point", point));
  if (points.length > 1) features.push(feature("LineString", points));
  if (points.length > 2 && state.tool === "draw") features.push(feature("Polygon", [[...points, points[0]]]));
  map.getSource("sketch").setData({ type: "FeatureCollection", features });
  if (state.tool === "measure" && points.length > 1) {
    const area = points.length > 2 ? ` · ${say("surface", { n: extent(surface(points)) })}` : "";
    tell(say("distance", { n: distance(length(points)) }) + area);
  }
  if (state.tool === "draw" && points.length > 2) ask({ ring: points.map((point) => point.map((n) => n.toFixed(6)).join(",")).join(";") }, false);
}
function choose(tool) {
  state.tool = state.tool === tool ? null : tool;
  state.points = [];
  for (const button of document.querySelectorAll("[data-tool][aria-pressed]")) button.setAttribute("aria-pressed", String(button.dataset.tool === state.tool));
  map.getCanvas().style.cursor = state.tool ? "crosshair" : "";
  canvas.classList.toggle("drawing", Boolean(state.tool));
  tell(state.tool ? words[`${state.tool}-hint`] : words["drawing-off"]);
  sketch();
}
const point = (lngLat) => { state.points.push([lngLat.lng, lngLat.lat]); sketch(); };
map.on("click", (event) => (state.tool ? point(event.lngLat) : around(event.point, false)));
map.getCanvas().addEventListener("keydown", (event) => {
  if (event.key === "Enter") { event.preventDefault(); centre(); }
  if (event.key === "Escape" && state.tool) choose(state.tool);
});
const centre = () => (state.tool ? point(map.getCenter()) : around(map.project(map.getCenter()), true));
const tools = {
  view: () => { const b = map.getBounds(); ask({ bbox: box([b.getWest(), b.getSouth(), b.getEast(), b.getNorth()].map((n, at) => Math.max(at % 2 ? -90 : -180, Math.min(at % 2 ? 90 : 180, n)))) }, true); },
  draw: () => choose("draw"),
  measure: () => choose("measure"),
  centre,
  clear: () => { state.points = []; out.hidden = true; tell(""); sketch(); },
  print: () => window.print(),
};
$("map-tools").hidden = false;
$("map-tiers").hidden = false;
for (const button of document.querySelectorAll("[data-tool]")) button.addEventListener("click", () => tools[button.dataset.tool]());

// Search: what is found moves the map.
const go = (bounds) => map.fitBounds([[bounds[0], bounds[1]], [bounds[2], bounds[3]]], { padding: 40, maxZoom: 17, animate: !still });
let marker = null;
$("map-search").addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await fetch(`/map/search?${new URLSearchParams({ q: $("map-q").value })}`).catch(() => null);
  if (!answer?.ok) { tell(words["failed"]); return; }
  const { areas: found, records } = await answer.json();
  const button = (title, more, act) => {
    const made = element("button", title, { type: "button", class: "btn quiet small" });
    made.addEventListener("click", act);
    return element("li", more ? [made, " ", more] : [made]);
  };
  const rows = found.map((area) => button(area.title, element("a", words["open"], { href: area.href }), () => go(area.bounds)));
  rows.push(...records.map((record) => button(record.title, element("span", record.kind, { class: "muted" }), () => {
    marker?.remove();
    marker = new gl.Marker({ color: ink.sketch }).setLngLat(record.at).addTo(map);
    go([record.at[0], record.at[1], record.at[0], record.at[1]]);
  })));
  $("map-found").replaceChildren(rows.length ? element("ul", rows, { class: "map-hits" }) : element("p", words["none-found"], { role: "status" }));
});

/* The talk on one line: waveforms, segments, placements. Texts come in as data and go into the page
   through textContent alone. What is drawn is plain elements placed in percent of the talk's length,
   so zooming changes nothing but one width, and the theme's colours follow by themselves. */

const SIGNS = { fits: "✓", borrowed: "→", late: "!", rushed: "»", joined: "←", untranslated: "–", none: "?" };
const SHADES = 6; // speakers that have a shade of their own
const SEGMENT_PX = 26; // a segment of the usual length is no narrower at first: to be hit by a finger
const MOST_PX_PER_S = 120; // or, of a short talk, so many times what fits
const MOST_TIMES = 8;
const STEP = 1.6; // of the zoom buttons
const TICK_PX = 70; // between two times on the axis, at least
const TICKS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];
const WAIT_MS = 200; // an arrow key held down chooses one segment, not twenty
const PLAYERS = { original: ".st-key-player_original audio", dub: ".st-key-player_dub audio" };

const kept = new WeakMap(); // what outlives a redrawing: zoom and what is to be taken down

export default function ({ parentElement, data, setTriggerValue }) {
  kept.get(parentElement)?.stop.abort();
  const timeline = new Timeline(parentElement, data, setTriggerValue, kept.get(parentElement)?.zoom);
  kept.set(parentElement, timeline);
  timeline.draw();
  return () => timeline.stop.abort();
}

function element(parent, name, className = "", text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  parent.append(made);
  return made;
}

function clock(time_s) {
  const minutes = Math.floor(time_s / 60);
  return `${minutes}:${String(Math.round(time_s % 60)).padStart(2, "0")}`;
}

class Timeline {
  constructor(root, data, tell, zoom) {
    this.data = data;
    this.tell = tell;
    this.zoom = zoom ?? { px_per_s: null, run: null };
    this.stop = new AbortController();
    this.scroller = root.querySelector(".scroller");
    this.inner = root.querySelector(".inner");
    this.hint = root.querySelector(".hint");
    this.legend = root.querySelector(".legend");
    this.buttons = [...root.querySelectorAll(".zoom button")];
    this.ids = data.segments.map((segment) => segment.id);
    this.chosen = data.selected;
    if (this.zoom.run !== data.run) Object.assign(this.zoom, { px_per_s: null, run: data.run });
  }

  draw() {
    const { data } = this;
    this.inner.replaceChildren();
    this.legend.replaceChildren();
    this.hint.textContent = data.words.hint;
    this.scroller.setAttribute("aria-label", data.words.label);
    this.axis = element(this.inner, "div", "lane axis");
    this.wave(data.original, data.words.original, data.music);
    this.rows();
    this.wave(data.dub, data.words.dub, []);
    this.options = new Map(data.segments.map((segment) => [segment.id, this.option(segment)]));
    this.playhead = element(this.inner, "div", "playhead");
    this.inner.querySelectorAll(".lane, .playhead").forEach((e) => e.setAttribute("aria-hidden", "true"));
    this.explain();
    this.listen();
    this.resize();
    this.mark();
  }

  place(made, start_s, end_s) {
    made.style.left = `${(100 * start_s) / this.data.duration_s}%`;
    made.style.width = `${(100 * (end_s - start_s)) / this.data.duration_s}%`;
  }

  wave(peaks, name, music) {
    const lane = element(this.inner, "div", "lane wave");
    for (const [start_s, end_s] of music) {
      this.place(element(lane, "div", "music", "♪"), start_s, end_s);
    }
    if (peaks.length) {
      const svg = lane.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
      svg.setAttribute("viewBox", `0 0 ${peaks.length} 200`);
      svg.setAttribute("preserveAspectRatio", "none");
      const bars = peaks.map((peak, x) => `M${x} ${100 - Math.max(peak, 1)}h1v${2 * Math.max(peak, 1)}h-1z`);
      svg.appendChild(document.createElementNS(svg.namespaceURI, "path")).setAttribute("d", bars.join(""));
    }
    element(lane, "span", "name", name);
  }

  rows() {
    const { data } = this;
    const rows = data.speakers.map(() => element(this.inner, "div", "lane row"));
    const placed = element(this.inner, "div", "lane row");
    for (const segment of data.segments) {
      const speaker = `block speaker-${segment.speaker % SHADES}`;
      const letter = data.speakers.length > 1 ? ` ${this.letter(segment.speaker)}` : "";
      const block = element(rows[segment.speaker], "div", speaker, `${segment.id}${letter}`);
      this.place(block, segment.start_s, segment.end_s);
      const dub = element(placed, "div", `block ${segment.status}`, SIGNS[segment.status]);
      this.place(dub, ...(segment.placed ?? [segment.start_s, segment.end_s]));
    }
  }

  letter(speaker) {
    return String.fromCharCode(65 + (speaker % 26));
  }

  option(segment) {
    const option = element(this.inner, "div", "segment");
    option.id = `segment-${segment.id}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-label", segment.label);
    option.title = segment.label;
    this.place(option, segment.start_s, segment.end_s);
    return option;
  }

  explain() {
    const { data } = this;
    data.speakers.forEach((name, index) => {
      const several = data.speakers.length > 1;
      this.entry(`block speaker-${index % SHADES}`, several ? this.letter(index) : "", name);
    });
    if (data.music.length) this.entry("music", "♪", data.words.music);
    const there = new Set(data.segments.map((segment) => segment.status));
    for (const [status, word] of Object.entries(data.statuses)) {
      if (there.has(status)) this.entry(`block ${status}`, SIGNS[status], word);
    }
  }

  entry(className, sign, word) {
    const entry = element(this.legend, "span");
    element(entry, "i", className, sign).setAttribute("aria-hidden", "true");
    element(entry, "span", "", word);
  }

  /* ---- zoom */

  fit_px_per_s() {
    return Math.max(1, this.scroller.clientWidth) / this.data.duration_s;
  }

  first_px_per_s() {
    const lengths = this.data.segments.map((s) => s.end_s - s.start_s).sort((a, b) => a - b);
    const usual_s = lengths[Math.floor(lengths.length / 2)] ?? this.data.duration_s;
    return SEGMENT_PX / usual_s;
  }

  resize() {
    const fit = this.fit_px_per_s();
    const most = Math.max(MOST_PX_PER_S, MOST_TIMES * fit);
    this.zoom.px_per_s ??= this.first_px_per_s();
    this.zoom.px_per_s = Math.min(most, Math.max(fit, this.zoom.px_per_s));
    const is_whole = this.zoom.px_per_s <= fit;
    this.inner.style.width = is_whole ? "100%" : `${Math.round(this.zoom.px_per_s * this.data.duration_s)}px`;
    const [less, whole, more] = this.buttons;
    less.disabled = is_whole;
    whole.disabled = is_whole;
    more.disabled = this.zoom.px_per_s >= most;
    this.ticks();
  }

  ticks() {
    const step_s = TICKS_S.find((s) => s * this.zoom.px_per_s >= TICK_PX) ?? TICKS_S.at(-1);
    this.axis.replaceChildren();
    for (let time_s = 0; time_s < this.data.duration_s; time_s += step_s) {
      element(this.axis, "div", "tick", clock(time_s)).style.left = `${(100 * time_s) / this.data.duration_s}%`;
    }
  }

  zoomTo(px_per_s) {
    const middle = this.scroller.scrollLeft + this.scroller.clientWidth / 2;
    const share = middle / this.inner.clientWidth;
    this.zoom.px_per_s = px_per_s;
    this.resize();
    this.scroller.scrollLeft = share * this.inner.clientWidth - this.scroller.clientWidth / 2;
  }

  /* ---- choosing and playing */

  listen() {
    const { signal } = this.stop;
    const [less, whole, more] = this.buttons;
    const actions = [
      [less, this.data.words.zoom_out, () => this.zoomTo(this.zoom.px_per_s / STEP)],
      [whole, this.data.words.zoom_whole, () => this.zoomTo(0)],
      [more, this.data.words.zoom_in, () => this.zoomTo(this.zoom.px_per_s * STEP)],
    ];
    for (const [button, label, action] of actions) {
      button.setAttribute("aria-label", label);
      button.title = label;
      button.addEventListener("click", action, { signal });
    }
    this.inner.addEventListener("click", (event) => this.click(event), { signal });
    this.scroller.addEventListener("keydown", (event) => this.key(event), { signal });
    for (const name of ["play", "timeupdate", "seeked"]) {
      document.addEventListener(name, (event) => this.follow(event), { signal, capture: true });
    }
    const observer = new ResizeObserver(() => this.resize());
    observer.observe(this.scroller);
    signal.addEventListener("abort", () => {
      observer.disconnect();
      clearTimeout(this.timer);
    });
  }

  click(event) {
    const box = this.inner.getBoundingClientRect();
    const time_s = ((event.clientX - box.left) / box.width) * this.data.duration_s;
    const away = ({ start_s, end_s }) => Math.max(start_s - time_s, time_s - end_s, 0);
    const nearest = this.data.segments.reduce((a, b) => (away(b) < away(a) ? b : a));
    if (nearest.id === this.chosen) this.play();
    else this.choose(nearest.id, 0);
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const index = this.ids.indexOf(this.chosen);
    const last = this.ids.length - 1;
    const targets = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: last };
    if (event.key in targets) {
      const target = Math.min(last, Math.max(0, targets[event.key]));
      if (target !== index) this.choose(this.ids[target], WAIT_MS);
    } else if (event.key === "Enter" || event.key === " ") {
      this.play();
    } else {
      return;
    }
    event.preventDefault();
  }

  choose(id, wait_ms) {
    this.chosen = id;
    this.mark();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tell("segment", id), wait_ms);
  }

  mark() {
    for (const [id, option] of this.options) option.setAttribute("aria-selected", String(id === this.chosen));
    this.scroller.setAttribute("aria-activedescendant", `segment-${this.chosen}`);
    const segment = this.data.segments.find(({ id }) => id === this.chosen);
    if (!segment) return;
    this.movePlayhead(segment.start_s);
    const { offsetLeft, offsetWidth } = this.options.get(this.chosen);
    const { scrollLeft, clientWidth } = this.scroller;
    if (offsetLeft < scrollLeft || offsetLeft + offsetWidth > scrollLeft + clientWidth) {
      this.scroller.scrollLeft = offsetLeft + offsetWidth / 2 - clientWidth / 2;
    }
  }

  /* The chosen segment's players are on the page: its dub, or else its original. */
  play() {
    const player = document.querySelector(PLAYERS.dub) ?? document.querySelector(PLAYERS.original);
    if (!player) return;
    if (player.paused) player.play();
    else player.pause();
  }

  follow(event) {
    for (const [track, selector] of Object.entries(PLAYERS)) {
      const start_s = this.data.starts_s[track];
      if (start_s !== null && event.target.matches?.(selector)) {
        this.movePlayhead(start_s + event.target.currentTime);
      }
    }
  }

  movePlayhead(time_s) {
    this.playhead.style.left = `${(100 * Math.min(time_s, this.data.duration_s)) / this.data.duration_s}%`;
  }
}

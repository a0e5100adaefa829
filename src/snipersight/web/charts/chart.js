// Draws options: `$name` is a colour of the style sheet, `@name` one of the formats below.
// Nothing here is ever read as code or as markup.
import { echarts } from "nicegui-echart";

const two = (n) => String(n).padStart(2, "0");
const stamp = (value) => {
  const at = new Date(Number(value));
  if (Number.isNaN(at.getTime())) return "";
  return `${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
};
const day = (value) => {
  const at = new Date(Number(value));
  return `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`;
};
const DAY_MS = 86400000;
// Labels of an axis: no hours where bars are days, the year where it is not the present one.
const short = (value, barMs) => {
  if (barMs >= DAY_MS) return day(value);
  const year = new Date(Number(value)).getUTCFullYear();
  return year === new Date().getUTCFullYear() ? stamp(value) : `${year}-${stamp(value)}`;
};
const fixed = (value, decimals) =>
  Number(value).toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

const formats = (options) => {
  const price = (value) => fixed(value && value.value !== undefined ? value.value : value, options.decimals ?? 2);
  const times = ((options.xAxis || [])[0] || {}).data || [];
  const barMs = times.length > 1 ? times[1] - times[0] : 0;
  return {
    time: (value) => short(value, barMs),
    moment: (seen) => `${new Date(Number(seen.value)).getUTCFullYear()}-${stamp(seen.value)}`,
    above: (seen) => seen.max * 5 || 1,  // volume stays below the candles
    day: (value) => day(value && value.value !== undefined ? value.value : value),
    price,
    percent: (value) => `${fixed(value * 100, 0)} %`,
    candle: (seen) => {
      const bar = [].concat(seen).find((one) => one.seriesType === "candlestick");
      if (!bar) return "";
      const [, open, close, low, high] = bar.value;
      const traded = [].concat(seen).find((one) => one.seriesName === "volume");
      const volume = traded ? `\nV ${fixed(traded.value, 0)}` : "";
      return `${day(bar.axisValue ?? bar.name)} ${stamp(bar.axisValue ?? bar.name).slice(6)} UTC\nO ${price(open)}  H ${price(high)}\nL ${price(low)}  C ${price(close)}${volume}`;
    },
  };
};

const resolved = (value, style, known) => {
  if (typeof value === "string") {
    if (value.startsWith("$")) return style.getPropertyValue(`--${value.slice(1)}`).trim() || "#888888";
    if (value.startsWith("@") && known[value.slice(1)]) return known[value.slice(1)];
    return value;
  }
  if (Array.isArray(value)) {
    // Columns of numbers are most of it, and hold no colours.
    return typeof value[0] === "number" || Array.isArray(value[0]) && typeof value[0][0] === "number"
      ? value : value.map((one) => resolved(one, style, known));
  }
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, one]) =>
      [name, name === "data" && typeof (one || [])[0] === "string" ? one : resolved(one, style, known)]));
  }
  return value;
};

// Where tags that want to be at these heights can stand without hiding one another: each as near to
// its own as the others let it, in the same order. Heights grow.
const apart = (wanted, gap, low, high) => {
  const groups = [];
  wanted.forEach((height, at) => {
    let group = { sum: height - at * gap, count: 1 };
    while (groups.length && groups.at(-1).sum / groups.at(-1).count > group.sum / group.count) {
      const before = groups.pop();
      group = { sum: before.sum + group.sum, count: before.count + group.count };
    }
    groups.push(group);
  });
  const most = high - (wanted.length - 1) * gap;
  return groups.flatMap(({ sum, count }) => Array(count).fill(sum / count))
    .map((base, at) => Math.max(low, Math.min(most, base)) + at * gap);
};

const TAG_PX = 18;
const NARROW_PX = 520;
const NARROW_BARS = 60;

export default {
  template: '<div role="img" tabindex="0"></div>',
  props: { options: Object, label: String },
  mounted() {
    this.$el.setAttribute("aria-label", this.label);
    this.chart = echarts.init(this.$el, null, { renderer: "canvas" });
    this.tags = document.createElement("div");
    this.tags.className = "tags";
    this.$el.append(this.tags);
    this.chart.on("rendered", () => this.place());
    this.themed = () => this.draw();
    document.addEventListener("themed", this.themed);
    this.sizes = new ResizeObserver(() => this.chart.resize());
    this.sizes.observe(this.$el);
    this.chart.on("datazoom", () => this.moved());
    this.$el.addEventListener("keydown", (event) => this.pressed(event));
    this.draw();
  },
  beforeUnmount() {
    document.removeEventListener("themed", this.themed);
    this.sizes.disconnect();
    clearTimeout(this.telling);
    this.chart.dispose();
  },
  methods: {
    draw() {
      if (!this.chart) return;
      const style = getComputedStyle(document.documentElement);
      if (this.given !== this.options) [this.given, this.patched] = [this.options, null];
      const options = resolved(this.patched || this.options, style, formats(this.options));
      const kept = this.range();
      if (!this.touched && this.$el.clientWidth < NARROW_PX) this.narrow(options);
      this.name();
      this.chart.setOption(options, { notMerge: true, lazyUpdate: false });
      if (kept && options.dataZoom) this.keep(kept, options);
    },
    // The prices of a plan, beside the axis; their order is that of their heights.
    name() {
      const price = formats(this.options).price;
      const levels = [...((this.patched || this.options).levels || [])].sort((one, other) => other.price - one.price);
      this.named = levels.map((one) => {
        const tag = document.createElement("span");
        tag.className = `tag ${one.kind}`;
        tag.textContent = `${one.name} ${price(one.price)}`.trim();
        return { tag, price: one.price };
      });
      this.tags.replaceChildren(...this.named.map((one) => one.tag));
    },
    place() {
      if (!this.named || !this.named.length) return;
      const { right, top, bottom } = this.options.grid;
      const wanted = this.named.map((one) => this.chart.convertToPixel({ yAxisIndex: 0 }, one.price));
      const heights = apart(wanted, TAG_PX, top, this.chart.getHeight() - bottom);
      this.tags.style.left = `${this.chart.getWidth() - right + 6}px`;
      this.named.forEach((one, at) => { one.tag.style.transform = `translateY(${Math.round(heights[at] - TAG_PX / 2)}px)`; });
    },
    // On a phone as many bars as on a laptop are a smear.
    narrow(options) {
      for (const zoom of options.dataZoom || []) zoom.startValue = Math.max(zoom.startValue, zoom.endValue - NARROW_BARS);
    },
    patch(series, levels) {
      const known = Object.fromEntries(series.map((one) => [one.id, one]));
      const rest = this.options.series.map((one) => known[one.id] || one);
      this.patched = { ...this.options, series: rest, levels };
      this.name();
      const style = getComputedStyle(document.documentElement);
      this.chart.setOption({ series: resolved(series, style, formats(this.options)) });
    },
    // A person's window stays on the same moments, or at the newest bar if it was there.
    range() {
      if (!this.touched) return null;
      const before = this.chart.getOption();
      const zoom = before && before.dataZoom && before.dataZoom[0];
      if (!zoom) return null;
      const times = before.xAxis[0].data;
      return { from: times[zoom.startValue], to: times[zoom.endValue],
        width: zoom.endValue - zoom.startValue, atEnd: zoom.endValue >= times.length - 1 };
    },
    keep(kept, options) {
      const times = options.xAxis[0].data;
      const last = times.length - 1;
      const found = kept.atEnd ? last : times.indexOf(kept.to);
      const endValue = found < 0 ? last : found;
      this.chart.dispatchAction({ type: "dataZoom", startValue: Math.max(0, endValue - kept.width), endValue, quiet: true });
    },
    moved() {
      this.touched = true;
      clearTimeout(this.telling);
      this.telling = setTimeout(() => {
        const now = this.chart.getOption();
        const zoom = now.dataZoom && now.dataZoom[0];
        if (!zoom) return;
        const at = Number(now.xAxis[0].data[zoom.endValue]);
        if (at === this.told) return;
        this.told = at;
        this.$emit("scrolled", { first: zoom.startValue, last: zoom.endValue, at });
      }, 180);
    },
    pressed(event) {
      const steps = { ArrowLeft: [-0.2, 0], ArrowRight: [0.2, 0], "+": [0, -0.2], "-": [0, 0.25] };
      const step = steps[event.key];
      const zoom = step && this.chart.getOption().dataZoom;
      if (!zoom || !zoom.length) return;
      event.preventDefault();
      event.stopPropagation();
      const last = this.chart.getOption().xAxis[0].data.length - 1;
      const { startValue: from, endValue: to } = zoom[0];
      const width = Math.max(10, Math.round((to - from) * (1 + step[1])));
      const end = Math.max(width, Math.min(last, Math.round(to + (to - from) * step[0])));
      this.chart.dispatchAction({ type: "dataZoom", startValue: Math.max(0, end - width), endValue: end });
    },
    frame(startValue, endValue) {
      this.chart.dispatchAction({ type: "dataZoom", startValue, endValue });
    },
  },
};

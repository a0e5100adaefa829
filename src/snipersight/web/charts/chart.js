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
const fixed = (value, decimals) =>
  Number(value).toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

const formats = (options) => {
  const price = (value) => fixed(value && value.value !== undefined ? value.value : value, options.decimals ?? 2);
  return {
    time: (value) => stamp(value && value.value !== undefined ? value.value : value),
    day: (value) => day(value && value.value !== undefined ? value.value : value),
    price,
    level: (one) => `${one.name} ${price(one.value)}`,
    percent: (value) => `${fixed(value * 100, 0)} %`,
    candle: (seen) => {
      const bar = [].concat(seen).find((one) => one.seriesType === "candlestick");
      if (!bar) return "";
      const [, open, close, low, high] = bar.value;
      return `${stamp(bar.axisValue ?? bar.name)} UTC\nO ${price(open)}  H ${price(high)}\nL ${price(low)}  C ${price(close)}`;
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

export default {
  template: '<div role="img" tabindex="0"></div>',
  props: { options: Object, label: String },
  mounted() {
    this.$el.setAttribute("aria-label", this.label);
    this.chart = echarts.init(this.$el, null, { renderer: "canvas" });
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
      this.chart.setOption(options, { notMerge: true, lazyUpdate: false });
      if (kept && options.dataZoom) this.keep(kept, options);
    },
    patch(series) {
      const known = Object.fromEntries(series.map((one) => [one.id, one]));
      const rest = this.options.series.map((one) => known[one.id] || one);
      this.patched = { ...this.options, series: rest };
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

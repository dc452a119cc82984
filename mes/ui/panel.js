// Header and area overview. Text only ever enters through Vue's interpolation, so nothing from a PLC or a recipe can be markup.
const SILENT_MS = 2400;

export default {
  props: { units: Array, values: Object, words: Object, fixed: Object },
  template: `
<div class="panel">
  <header class="bar">
    <span class="cell">{{ fixed.cell }}</span>
    <span class="clock"><small>{{ words.process_time }}</small><b data-live="clock">{{ v['@clock'] }}</b></span>
    <span v-if="fixed.speed" class="speed">{{ fixed.speed }}</span>
    <span class="beat" :class="{abnormal: dead}" data-live="engine">{{ dead ? '✕ ' + words.engine_silent : '● ' + words.engine_alive }}</span>
    <span class="links" :class="{abnormal: !v['@links'][1]}" data-live="links">{{ v['@links'][1] ? '✓' : '▲' }} {{ v['@links'][0] }}</span>
    <span v-if="v['@abnormal']" class="abnormal trouble" data-live="abnormal">■ {{ v['@abnormal'] }}</span>
    <nav><a v-for="way in fixed.ways" :href="way.href" :class="{here: way.here}">{{ way.text }}</a></nav>
  </header>
  <div v-if="dead" class="no-data-banner" role="alert" data-live="banner">■ {{ seenAt ? words.no_data_since + ' ' + seenAt : words.no_data_yet }}</div>
  <div v-if="units.length" class="area">
    <section v-for="plc in units" :key="plc.plc">
      <h2><b>{{ plc.plc }}</b> {{ plc.title }}
        <span :class="v['#' + plc.plc][1] ? 'calm' : 'abnormal'" :data-link="plc.plc" :title="v['#' + plc.plc][3]">
          {{ v['#' + plc.plc][1] ? '✓' : '▲' }} {{ v['#' + plc.plc][0] }}<template v-if="v['#' + plc.plc][2]">: {{ v['#' + plc.plc][2] }}</template></span>
      </h2>
      <div class="units">
        <article v-for="unit in plc.units" :key="unit.name" :data-unit="unit.name" :class="['unit', v[unit.name].pill, {owned: v[unit.name].owner}]">
          <div class="head"><b>{{ unit.name }}</b><span class="title" :title="unit.title">{{ unit.title }}</span><span class="owner">{{ v[unit.name].owner }}</span></div>
          <div v-if="unit.phases" class="now">
            <span class="pill" :class="v[unit.name].pill" :title="v[unit.name].why"><i>{{ v[unit.name].glyph }}</i> {{ v[unit.name].state }}</span>
            <span class="what">{{ v[unit.name].what }}</span>
          </div>
          <div class="tags">
            <div v-for="tag in unit.tags" :key="tag.tag" class="tag" :data-tag="tag.tag" :data-mark="v[tag.tag][1]" :title="tag.tag + (v[tag.tag][2] ? ': ' + v[tag.tag][2] : '')">
              <span class="title">{{ tag.title }}</span>
              <span class="mark" v-if="limit(v[tag.tag][1])">{{ limit(v[tag.tag][1]) }}</span>
              <span class="value">{{ v[tag.tag][0] }}</span><span class="uom">{{ tag.uom }}</span>
            </div>
          </div>
          <div v-for="alarm in v[unit.name].alarms || []" class="alarm">■ {{ alarm }}</div>
          <div v-if="v[unit.name].wait" class="wait">◷ {{ v[unit.name].wait }}</div>
        </article>
      </div>
    </section>
  </div>
</div>`,
  data() {
    return { v: { ...this.values }, beat: null, seen: performance.now(), seenAt: "", dead: false };
  },
  mounted() {
    this.watchdog = setInterval(() => this.judge(), 200);
  },
  unmounted() {
    clearInterval(this.watchdog);
  },
  methods: {
    // `beat` is the scan counter of the engine: a server that lives beside an engine that does not is silence too.
    push(changed, beat) {
      Object.assign(this.v, changed);
      if (beat === this.beat) return;
      this.beat = beat;
      this.seen = performance.now();
      this.seenAt = new Date().toLocaleTimeString("en-GB");
      this.judge();
    },
    judge() {
      this.dead = performance.now() - this.seen > SILENT_MS;
      document.body.classList.toggle("no-data", this.dead);
    },
    limit(mark) {
      return { HH: "■HH", LL: "■LL", H: "▲H", L: "▲L" }[mark] || "";
    },
  },
};

// The kinds of panels the dashboards are made of, each with title, description and unit, and the frame around them.
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { series } from './queries.js';

export const datasource = { type: 'prometheus', uid: '${datasource}' };

/// What every panel says of itself. Width is in columns of 24, height in rows of 30 pixels.
export interface About {
  title: string;
  description: string;
  unit: string;
  width: number;
  height?: number;
}

/// An expression, and how its series are called in the legend.
export type Query = [expression: string, legend: string];
type Color = [from: number | null, color: string];
type State = { text: string; color: string };

/// What all builders of panels share and the SDK gives no common name.
interface Builder<T> {
  title(text: string): T;
  description(text: string): T;
  unit(unit: string): T;
  span(columns: number): T;
  height(rows: number): T;
  datasource(ref: common.DataSourceRef): T;
  withTarget(target: prometheus.DataqueryBuilder): T;
}

const letter = (index: number) => String.fromCharCode('A'.charCodeAt(0) + index);

function described<T extends Builder<T>>(panel: T, about: About, queries: Query[], instant = false): T {
  panel.title(about.title).description(about.description).unit(about.unit);
  panel.span(about.width).height(about.height ?? 8).datasource(datasource);
  queries.forEach(([expression, legend], index) => {
    const query = new prometheus.DataqueryBuilder().refId(letter(index)).expr(expression).legendFormat(legend);
    panel.withTarget(instant ? query.instant() : query.range());
  });
  return panel;
}

const steps = (colors: Color[]) =>
  new dashboard.ThresholdsConfigBuilder()
    .mode(dashboard.ThresholdsMode.Absolute)
    .steps(colors.map(([value, color]) => ({ value, color })));

const byThresholds = () => new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.Thresholds);

/// Numbers from 0 shown as the names of states.
function named(states: State[]): dashboard.ValueMap {
  const options = Object.fromEntries(states.map(({ text, color }, index) => [String(index), { text, color, index }]));
  return { type: dashboard.MappingType.ValueToText, options };
}

export const downOrUp: State[] = [
  { text: 'down', color: 'red' },
  { text: 'up', color: 'green' },
];

export function graph(about: About, queries: Query[], { stacked = false, min = 0 } = {}): timeseries.PanelBuilder {
  const panel = described(new timeseries.PanelBuilder(), about, queries)
    .min(min)
    .lineWidth(1)
    .fillOpacity(stacked ? 40 : 10)
    .showPoints(common.VisibilityMode.Never)
    .axisSoftMax(about.unit === 'short' ? 1 : 0) // else nothing at all is drawn on a scale up to 100
    .legend(
      new common.VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom),
    )
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending));
  return stacked ? panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal)) : panel;
}

/// One large value per series, or its name when `states` gives it one.
export function value(about: About, queries: Query[], colors: Color[] = [[null, 'blue']], states: State[] = []): stat.PanelBuilder {
  return described(new stat.PanelBuilder(), { height: 5, ...about }, queries, true)
    .colorMode(colors.length + states.length > 1 ? common.BigValueColorMode.Background : common.BigValueColorMode.Value)
    .graphMode(common.BigValueGraphMode.None)
    .textMode(queries.length > 1 || queries[0]?.[1] ? common.BigValueTextMode.ValueAndName : common.BigValueTextMode.Value)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .mappings(states.length ? [named(states)] : [])
    .colorScheme(byThresholds())
    .thresholds(steps(colors));
}

/// A bar over time per series, coloured by state.
export function timeline(about: About, queries: Query[], states: State[] = downOrUp): statetimeline.PanelBuilder {
  return described(new statetimeline.PanelBuilder(), about, queries)
    .mappings([named(states)])
    .colorScheme(byThresholds())
    .thresholds(steps([[null, 'text']]))
    .showValue(common.VisibilityMode.Never)
    .mergeValues(true)
    .rowHeight(0.8)
    .lineWidth(0)
    .fillOpacity(85)
    .legend(new common.VizLegendOptionsBuilder().showLegend(false).displayMode(common.LegendDisplayMode.List).placement(common.LegendPlacement.Bottom));
}

/// A column of a table: `Value` holds the result of a table's only query, `Value #A`, `Value #B` … of several.
export interface Column {
  value: string;
  name: string;
  unit?: string;
  colors?: Color[];
  states?: State[];
}

/// Columns whose content is short; the others share what is left.
const narrow: Record<string, number> = {
  ...{ role: 90, port: 70, side: 75, status: 80, sender: 80, outcome: 85, up: 50, servers: 75, preference: 95, verdict: 105 },
  ...{ state: 70, severity: 90, source: 100, code: 95, weight: 75, list: 110, version: 80, revision: 120, trust: 70, shard: 60, of: 50, alertname: 205 },
};

/// One row per series, one column per label, and the columns given; `hidden` ones are left out. Labels may look like
/// numbers, so only columns have units.
export function list(
  about: Omit<About, 'unit'>,
  expressions: string[],
  columns: Column[],
  { hidden = [] as string[], sort = '', order = [] as string[] } = {},
): table.PanelBuilder {
  const panel = described(new table.PanelBuilder(), { ...about, unit: 'none' }, [])
    .cellHeight(common.TableCellHeight.Sm)
    .minWidth(50)
    .filterable(true);
  expressions.forEach((expression, index) =>
    panel.withTarget(
      new prometheus.DataqueryBuilder()
        .refId(letter(index))
        .expr(expression)
        .format(prometheus.PromQueryFormat.Table)
        .legendFormat('')
        .instant(),
    ),
  );
  if (expressions.length > 1) panel.withTransformation({ id: 'merge', options: {} });
  panel.withTransformation({
    id: 'organize',
    options: {
      excludeByName: Object.fromEntries(['Time', ...hidden].map((name) => [name, true])),
      renameByName: Object.fromEntries(columns.map(({ value, name }) => [value, name])),
      indexByName: Object.fromEntries(order.map((name, index) => [name, index])),
    },
  });
  const renamed = new Map(columns.map((column) => [column.value, column.name]));
  for (const column of columns) panel.overrideByName(column.name, propertiesOf(column));
  for (const name of order.map((each) => renamed.get(each) ?? each)) {
    if (narrow[name]) panel.overrideByName(name, [{ id: 'custom.width', value: narrow[name] }]);
  }
  if (sort) panel.sortBy([new common.TableSortByFieldStateBuilder().displayName(sort).desc(false)]);
  return panel;
}

function propertiesOf({ unit, colors, states }: Column): dashboard.DynamicConfigValue[] {
  const properties: dashboard.DynamicConfigValue[] = [];
  if (unit) properties.push({ id: 'unit', value: unit });
  if (states) properties.push({ id: 'mappings', value: [named(states)] }, { id: 'custom.align', value: 'left' });
  if (colors) properties.push({ id: 'thresholds', value: steps(colors).build() });
  if (colors || states) {
    properties.push({ id: 'color', value: { mode: 'thresholds' } });
    properties.push({ id: 'custom.cellOptions', value: { type: 'color-text' } });
  }
  return properties;
}

/// Horizontal bars, the longest first.
export function bars(about: About, [expression, legend]: Query): bargauge.PanelBuilder {
  return described(new bargauge.PanelBuilder(), about, [[`sort_desc(${expression})`, legend]], true)
    .min(0)
    .orientation(common.VizOrientation.Horizontal)
    .displayMode(common.BarGaugeDisplayMode.Gradient)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .colorScheme(byThresholds())
    .thresholds(steps([[null, 'orange']]));
}

/// How the observations of a histogram lie over time; the expression is summed by `le`.
export function heat(about: About, expression: string): heatmap.PanelBuilder {
  const panel = described(new heatmap.PanelBuilder(), about, []);
  return panel
    .withTarget(
      new prometheus.DataqueryBuilder()
        .refId('A')
        .expr(expression)
        .legendFormat('{{le}}')
        .format(prometheus.PromQueryFormat.Heatmap)
        .range(),
    )
    .calculate(false)
    .yAxis(new heatmap.YAxisConfigBuilder().unit(about.unit))
    .color(new heatmap.HeatmapColorOptionsBuilder().mode(heatmap.HeatmapColorMode.Scheme).scheme('Oranges').steps(64))
    .cellGap(1)
    .hideLegend();
}

type Panels = Parameters<dashboard.DashboardBuilder['withPanel']>[0][];

/// The dashboard with its rows of panels, each panel right of the one before or, where the line is full, below.
export function assembled(made: dashboard.DashboardBuilder, rows: [title: string, panels: Panels][]): dashboard.Dashboard {
  for (const [title, panels] of rows) {
    made.withRow(new dashboard.RowBuilder(title));
    for (const panel of panels) made.withPanel(panel);
  }
  const built = made.build();
  let [x, y, tallest, id] = [0, 0, 0, 0];
  for (const panel of built.panels ?? []) {
    const { w, h } = panel.gridPos!;
    if (x + w > 24) [x, y, tallest] = [0, y + tallest, 0];
    panel.id = ++id;
    panel.gridPos = { ...panel.gridPos, x, y, w, h };
    [x, tallest] = [x + w, Math.max(tallest, h)];
  }
  // The SDK gives every kind of variable what only those of intervals have.
  for (const variable of built.templating?.list ?? []) {
    for (const key of ['auto', 'auto_min', 'auto_count'] as const) delete variable[key];
  }
  return built;
}

/// The link from a domain's name to its own dashboard; `name` is where a panel keeps it.
export function toDomain(name: string): dashboard.DashboardLinkBuilder {
  return new dashboard.DashboardLinkBuilder('Details of this domain').url(
    `/d/mxhealth-domain?var-domain=\${${name}}&\${datasource:queryparam}&\${job:queryparam}&\${__url_time_range}`,
  );
}

/// A variable filled from the label of a metric: several values, or all of those there are.
export function someOf(name: string, label: string, metric: string): dashboard.QueryVariableBuilder {
  return new dashboard.QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query({ qryType: 1, query: `label_values(${metric}, ${name})`, refId: `variable-${name}` })
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}

/// The same, but all means anything, also what has no such label in that metric.
export function choices(name: string, label: string, metric: string): dashboard.QueryVariableBuilder {
  return someOf(name, label, metric).allValue('.+');
}

/// An empty dashboard with what all have: variables datasource, job and instance, and links to the others.
export function frame(uid: string, title: string, description: string): dashboard.DashboardBuilder {
  return new dashboard.DashboardBuilder(title)
    .id(null)
    .uid(uid)
    .description(description)
    .tags(['mxhealth'])
    .readonly()
    .timezone('browser')
    .refresh('1m')
    .time({ from: 'now-6h', to: 'now' })
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .withVariable(new dashboard.DatasourceVariableBuilder('datasource').label('Data Source').type('prometheus'))
    .withVariable(choices('job', 'Job', 'mxhealth_build_info'))
    .withVariable(choices('instance', 'Instance', 'mxhealth_build_info{job=~"$job"}'))
    .annotation(
      new dashboard.AnnotationQueryBuilder()
        .name('MX set changed')
        .datasource(datasource)
        .enable(true)
        .iconColor('blue')
        .expr(`changes(${series('mxhealth_mx_set_last_change_timestamp_seconds')}[5m]) > 0`)
        .titleFormat('MX set changed')
        .textFormat('{{domain}}'),
    )
    .link(
      new dashboard.DashboardLinkBuilder('Mail health')
        .type(dashboard.DashboardLinkType.Dashboards)
        .tags(['mxhealth'])
        .includeVars(true)
        .keepTime(true),
    );
}

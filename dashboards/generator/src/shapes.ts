// As much of a dashboard's JSON as the checks look at. Read from files, so that they judge what is committed.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface Panel {
  id?: number;
  type: string;
  title?: string;
  description?: string;
  gridPos?: { x: number; y: number; w: number; h: number };
  fieldConfig?: { defaults?: { unit?: string } };
  targets?: { refId: string; expr: string }[];
}

export interface QueryVariableModel {
  type: string;
  name: string;
  label?: string;
  query?: unknown;
  multi?: boolean;
  includeAll?: boolean;
  allValue?: string;
  refresh?: number;
}

export interface Dashboard {
  id?: number | null;
  uid?: string;
  title?: string;
  tags?: string[];
  version?: number;
  schemaVersion?: number;
  editable?: boolean;
  templating: { list: QueryVariableModel[] };
  annotations?: { list: { expr?: string }[] };
  panels: Panel[];
}

export function dashboardsIn(directory: string): Dashboard[] {
  const names = readdirSync(directory).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')) as Dashboard);
}

/// All PromQL in a dashboard: of panels, annotations and variables.
export function expressionsOf(dashboard: Dashboard): string[] {
  const ofPanels = dashboard.panels.flatMap((panel) => (panel.targets ?? []).map((target) => target.expr));
  const ofAnnotations = (dashboard.annotations?.list ?? []).map((annotation) => annotation.expr ?? '');
  const ofVariables = dashboard.templating.list.map(({ query }) => (query as { query?: string } | undefined)?.query ?? '');
  return [...ofPanels, ...ofAnnotations, ...ofVariables];
}

/// The PromQL as recording rules, which `promtool check rules` parses; YAML takes JSON. Variables of dashboards are filled in,
/// those of queries left out, since `label_values()` is Grafana's.
export function asRules(dashboards: Dashboard[]): string {
  const queries = dashboards.flatMap(expressionsOf).filter((expression) => expression && !/^label_values\(|^prometheus$/.test(expression));
  const filled = queries.map((expression) => expression.replaceAll('$__rate_interval', '5m').replaceAll('$__range', '6h').replaceAll('$objective', '99.5'));
  const rules = filled.map((expr, index) => ({ record: `dashboards:expression:${index}`, expr }));
  return JSON.stringify({ groups: [{ name: 'dashboards', rules }] }, null, 2);
}

// The house rules for dashboards, in the manner of Grafana's dashboard-linter, as functions from a dashboard to complaints.
import type { Dashboard, Panel, QueryVariableModel } from './shapes.js';

type Rule = (dashboard: Dashboard) => string[];

const panelsOf = (dashboard: Dashboard): Panel[] => dashboard.panels.filter((panel) => panel.type !== 'row');
const variable = (dashboard: Dashboard, name: string): QueryVariableModel | undefined =>
  dashboard.templating.list.find((each) => each.name === name);

/// One complaint for each panel of which `holds` is not true.
const everyPanel =
  (complaint: string, holds: (panel: Panel) => boolean): Rule =>
  (dashboard) =>
    panelsOf(dashboard)
      .filter((panel) => !holds(panel))
      .map((panel) => `panel "${panel.title ?? panel.id}": ${complaint}`);

/// One complaint for each expression of which `holds` is not true.
const everyQuery =
  (complaint: string, holds: (expression: string) => boolean): Rule =>
  (dashboard) =>
    panelsOf(dashboard).flatMap((panel) =>
      (panel.targets ?? [])
        .filter((target) => !holds(target.expr))
        .map((target) => `panel "${panel.title}", query ${target.refId}: ${complaint}`),
    );

const whole =
  (complaint: string, holds: (dashboard: Dashboard) => boolean): Rule =>
  (dashboard) => (holds(dashboard) ? [] : [complaint]);

const isChoiceOfAll = (each: QueryVariableModel | undefined): boolean =>
  each?.type === 'query' && each.multi === true && each.includeAll === true && each.allValue === '.+' && each.refresh === 2;

/// The parts `metric{…}` of an expression; alerts have no job of their own.
const selectors = (expression: string): string[] =>
  (expression.match(/[a-zA-Z_:][\w:]*\{[^}]*\}/g) ?? []).filter((selector) => !selector.startsWith('ALERTS{'));

const counters = /\b\w+_total\b|\b\w+_(?:bucket|sum|count)\{/;

export const rules: Record<string, Rule> = {
  'stable uid': whole('uid is not mxhealth-… of 8 to 40 characters', ({ uid }) => /^mxhealth-[a-z-]{1,31}$/.test(uid ?? '')),
  'no id': whole('id is not null', ({ id }) => id === null || id === undefined),
  'no version': whole('version is set', ({ version }) => !version),
  'title and tag': whole('no title, or not tagged mxhealth', ({ title, tags }) => Boolean(title) && (tags ?? []).includes('mxhealth')),
  'schema version': whole('schemaVersion is no whole number', ({ schemaVersion }) => Number.isInteger(schemaVersion)),
  'not editable': whole('editable', ({ editable }) => editable === false),
  'data source variable': whole('no variable datasource of type prometheus, labelled Data Source', (dashboard) => {
    const found = variable(dashboard, 'datasource');
    return found?.type === 'datasource' && found.query === 'prometheus' && found.label === 'Data Source';
  }),
  'no fixed data source': whole('a data source that is not the variable', (dashboard) =>
    [...JSON.stringify(dashboard).matchAll(/"datasource":(\{[^}]*\}|"[^"]*")/g)].every(([, source]) => source!.includes('"${datasource}')),
  ),
  'job and instance': (dashboard) =>
    ['job', 'instance']
      .filter((name) => !isChoiceOfAll(variable(dashboard, name)))
      .map((name) => `variable ${name} is not multi with all as .+, reloaded on time change`),
  'panel title': everyPanel('no title', (panel) => Boolean(panel.title)),
  'panel description': everyPanel('no description', (panel) => Boolean(panel.description)),
  'panel unit': everyPanel('no unit', (panel) => Boolean(panel.fieldConfig?.defaults?.unit)),
  'panel query': everyPanel('no query', (panel) => (panel.targets ?? []).length > 0),
  'panel place': everyPanel('outside of the grid', ({ gridPos }) => gridPos !== undefined && gridPos.x + gridPos.w <= 24),
  'one of a title': whole('two panels of the same title', (dashboard) => {
    const titles = panelsOf(dashboard).map((panel) => panel.title);
    return new Set(titles).size === titles.length;
  }),
  'job matcher': everyQuery('a metric without job=~"$job", instance=~"$instance"', (expression) =>
    selectors(expression).every((selector) => selector.includes('job=~"$job", instance=~"$instance"')),
  ),
  'bare metric': everyQuery('a metric without braces', (expression) => !/\b(?:mxhealth|process)_\w+(?!\w*\{)/.test(expression)),
  'rates of counters': everyQuery(
    'a counter without rate or increase',
    (expression) => !counters.test(expression.replace(/\b(?:rate|increase)\(\w+\{[^}]*\}\[[^\]]*\]\)/g, '')),
  ),
  'rate interval': everyQuery('a rate over something else than $__rate_interval, or an increase over less than 1h or $__range', (expression) =>
    [...expression.matchAll(/\b(rate|irate|increase)\([^[]*\[([^\]]*)\]/g)].every(
      ([, name, window]) => window === '$__rate_interval' || (name === 'increase' && /^(\d+[hd]|\$__range)$/.test(window!)),
    ),
  ),
};

export function complaints(dashboard: Dashboard): string[] {
  return Object.entries(rules).flatMap(([name, rule]) => rule(dashboard).map((text) => `${dashboard.uid}: ${text} (${name})`));
}

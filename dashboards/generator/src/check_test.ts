// Each rule finds what it is for: a good dashboard is spoilt in one way, and one complaint names the rule.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { deadLinks } from './links.js';
import { complaints, rules } from './lint.js';
import { labelsInScrape, namesInSource, strangers } from './metrics.js';
import { overview } from './overview.js';
import { dashboardSchema, violations } from './schema.js';
import type { Dashboard, Panel } from './shapes.js';

const good = (): Dashboard => JSON.parse(JSON.stringify(overview()));
const firstPanel = ({ panels }: Dashboard): Panel => panels.find((panel) => panel.type !== 'row')!;
const variable = ({ templating }: Dashboard, name: string) => templating.list.find((each) => each.name === name)!;
const ask = (dashboard: Dashboard, expression: string) => (firstPanel(dashboard).targets![0]!.expr = expression);

const spoil: Record<string, (dashboard: Dashboard) => unknown> = {
  'stable uid': (d) => (d.uid = 'Q3fz8'),
  'no id': (d) => (d.id = 7),
  'no version': (d) => (d.version = 3),
  'title and tag': (d) => (d.tags = []),
  'schema version': (d) => delete d.schemaVersion,
  'not editable': (d) => (d.editable = true),
  'data source variable': (d) => (variable(d, 'datasource').label = 'Prometheus'),
  'no fixed data source': (d) => Object.assign(firstPanel(d), { datasource: { type: 'prometheus', uid: 'P1809F7CD0C75ACF3' } }),
  'job and instance': (d) => (variable(d, 'instance').allValue = '.*'),
  'panel title': (d) => delete firstPanel(d).title,
  'panel description': (d) => delete firstPanel(d).description,
  'panel unit': (d) => delete firstPanel(d).fieldConfig!.defaults!.unit,
  'panel query': (d) => (firstPanel(d).targets = []),
  'panel place': (d) => (firstPanel(d).gridPos!.x = 20),
  'one of a title': (d) => (firstPanel(d).title = 'Findings'),
  'job matcher': (d) => ask(d, 'sum(mxhealth_endpoint_up{server="a"})'),
  'bare metric': (d) => ask(d, 'sum(mxhealth_endpoint_up)'),
  'rates of counters': (d) => ask(d, 'sum(mxhealth_mx_lookups_total{job=~"$job", instance=~"$instance"})'),
  'rate interval': (d) => ask(d, 'sum(rate(mxhealth_mx_lookups_total{job=~"$job", instance=~"$instance"}[5m]))'),
};

test('a good dashboard has no complaints', () => assert.deepEqual(complaints(good()), []));

for (const rule of Object.keys(rules)) {
  test(`the rule "${rule}" finds its violation`, () => {
    const dashboard = good();
    assert.ok(spoil[rule], 'no violation to try it with');
    spoil[rule](dashboard);
    assert.ok(complaints(dashboard).some((text) => text.endsWith(`(${rule})`)), complaints(dashboard).join('\n'));
  });
}

test('the schema refuses unknown keys and wrong types', () => {
  const validate = dashboardSchema();
  assert.deepEqual(violations(validate, good()), []);
  assert.notDeepEqual(violations(validate, { ...good(), colour: 'green' } as Dashboard), []);
  assert.notDeepEqual(violations(validate, { ...good(), refresh: 60 } as Dashboard), []);
});

test('a metric or a label that nobody exposes is a stranger', () => {
  const scrape = labelsInScrape('# HELP a text\nmxhealth_up{server="a b",port="2\\"5"} 1\nmxhealth_plain 2\n');
  const source = new Set(['mxhealth_rare']);
  assert.deepEqual(strangers('mxhealth_up{port="25"} + mxhealth_plain{job="j"} + mxhealth_rare{x="y"}', scrape, source), []);
  assert.equal(strangers('mxhealth_up{domain="a"}', scrape, source).length, 1);
  assert.equal(strangers('mxhealth_gone{job="j"} + mxhealth_bare_too', scrape, source).length, 2);
});

test('a link to a dashboard or a variable that is not there is dead', () => {
  const rules = mkdtempSync(join(tmpdir(), 'rules-'));
  const alert = (link: string) => `    annotations:\n      dashboard_url: https://grafana.example/d/${link}\n`;
  writeFileSync(join(rules, 'good.yml'), alert('mxhealth-overview') + alert('mxhealth-overview?var-domain={{ $labels.domain }}'));
  assert.deepEqual(deadLinks(rules, [good()]), []);
  writeFileSync(join(rules, 'bad.yml'), alert('mxhealth-nowhere') + alert('mxhealth-overview?var-moon=full'));
  assert.equal(deadLinks(rules, [good()]).length, 2);
  rmSync(rules, { recursive: true });
});

test('the tables in the source are found', () => {
  const names = namesInSource(process.env.EXPORTER_METRICS ?? '../../exporter/metrics');
  for (const name of ['mxhealth_domain_reachable', 'mxhealth_phase_duration_seconds_bucket', 'mxhealth_build_info']) {
    assert.ok(names.has(name), name);
  }
});

// A whole dashboard on one page: ?uid=mxhealth-overview&minutes=30&domain=example.org. When every panel is drawn, the
// body says so in `data-drawn`, with the number of panels that could not be.
import { ThemeContext, createTheme } from '@grafana/data';
import React from 'react';
import { createRoot } from 'react-dom/client';
import { MemoryRouter } from 'react-router-dom';
import { Panel } from './panel';
import { View, valuesOf } from './prometheus';

const dashboards = Object.values(import.meta.glob('../../../grafana/*.json', { eager: true, import: 'default' })) as any[];
const asked = new URLSearchParams(location.search);
const theme = createTheme({ colors: { mode: 'light' } });
const width = 1500;
const [row, gap] = [30, 8];

const dashboard = dashboards.find(({ uid }) => uid === asked.get('uid'))!;
const seconds = 60 * Number(asked.get('minutes') ?? 30);
const step = Math.max(5, Math.round(seconds / 150));
const to = Math.floor(Date.now() / 1000 / step) * step * 1000;
const view: View = { from: to - seconds * 1000, to, step, variables: { __rate_interval: `${step + 15}s`, __range: `${seconds}s` } };
for (const { name, type, allValue, current } of dashboard.templating.list) {
  if (type !== 'datasource') view.variables[name] = asked.get(name) ?? allValue ?? current.value;
}

let [waiting, failed] = [dashboard.panels.filter(({ type }: any) => type !== 'row').length, 0];
function done(error?: Error) {
  if (error) console.error(error);
  failed += error ? 1 : 0;
  if (--waiting === 0) setTimeout(() => (document.body.dataset.drawn = String(failed)), 1500);
}

function Place({ panel }: { panel: any }) {
  const { x, y, w, h } = panel.gridPos;
  const [left, top, wide, tall] = [(x * width) / 24, y * (row + gap), (w * width) / 24 - gap, h * (row + gap) - gap];
  const title = (panel.title ?? '').replace('$domain', view.variables.domain);
  return (
    <div style={{ position: 'absolute', left, top, width: wide, height: tall }}>
      {panel.type === 'row' ? <h4 style={{ font: '500 16px Inter, DejaVu Sans, sans-serif', margin: '8px 4px' }}>{title}</h4> : <Panel {...{ panel, view, theme, done }} width={wide} height={tall} />}
    </div>
  );
}

const servers = dashboard.templating.list.find(({ name }: any) => name === 'server');
if (servers) {
  const [, selector] = servers.query.query.match(/^label_values\((.*), server\)$/);
  view.variables.server = await valuesOf('server', selector, view);
}
const bottom = Math.max(...dashboard.panels.map(({ gridPos }: any) => gridPos.y + gridPos.h));
createRoot(document.getElementById('root')!).render(
  <ThemeContext.Provider value={theme}>
    <MemoryRouter>
      <div style={{ position: 'relative', width, height: bottom * (row + gap), margin: gap, font: '13px Inter, DejaVu Sans, sans-serif' }}>
        {dashboard.panels.map((panel: any) => <Place key={panel.id} panel={panel} />)}
      </div>
    </MemoryRouter>
  </ThemeContext.Provider>,
);

// node shoot.js PAGE DIRECTORY DOMAIN MINUTES: a picture of each dashboard, as DIRECTORY/<uid>.png. Fails if a panel could
// not be drawn.
import puppeteer from 'puppeteer-core';

const [page, directory, domain, minutes] = process.argv.slice(2);
const browser = await puppeteer.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
let failed = false;
for (const uid of ['mxhealth-overview', 'mxhealth-domain', 'mxhealth-exporter']) {
  const tab = await browser.newPage();
  await tab.setViewport({ width: 1516, height: 1000 });
  tab.on('console', (message) => message.type() === 'error' && console.error(uid, message.text()));
  tab.on('pageerror', (error) => (console.error(uid, error.message), (failed = true)));
  const chosen = uid === 'mxhealth-domain' ? `&domain=${domain}` : '';
  await tab.goto(`${page}?uid=${uid}&minutes=${minutes}${chosen}`);
  await tab.waitForSelector('body[data-drawn]', { timeout: 60000 });
  const bad = await tab.$eval('body', (body) => body.dataset.drawn);
  if (bad !== '0') failed = true;
  await tab.screenshot({ path: `${directory}/${uid}.png`, fullPage: true });
  console.log(`${uid}: ${bad} panels could not be drawn`);
}
await browser.close();
process.exit(failed ? 1 : 0);

// The style sheet: light and dark, from one column at 360 px to a wide desk. Colour never says anything alone.
#include "web/style.hpp"

namespace mxhealth::web {

std::string_view style_sheet() {
  return R"css(:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--raised:#f6f7f9;--quiet:#57606a;--line:#d8dde3;
--bad:#b3261e;--warn:#7a5200;--good:#1a6b3a;--link:#0b5cad;--bar:#7d8ea3}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ed;--paper:#14171b;--raised:#1c2127;--quiet:#a3adb8;--line:#343b43;
--bad:#ff938a;--warn:#f2c14e;--good:#74d69a;--link:#8ab8ff;--bar:#66788c}}
*{box-sizing:border-box}
body{font:16px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif;color:var(--ink);background:var(--paper);
max-width:68rem;margin:0 auto;padding:1rem 1.25rem 3rem;overflow-wrap:anywhere}
a{color:var(--link)}
h1{font-size:1.75rem;line-height:1.2;margin:1.5rem 0 .5rem;letter-spacing:-.01em}
h2{font-size:1.2rem;margin:2.5rem 0 .75rem}
h3{font-size:1rem;margin:1.5rem 0 .5rem}
p{margin:.4rem 0}
code,.log{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.875em}
.top{display:flex;justify-content:space-between;align-items:baseline;gap:1rem;border-bottom:1px solid var(--line);
padding-bottom:.6rem}
.home{font-weight:600;text-decoration:none;color:var(--ink)}
nav a{margin-left:1rem}
footer{margin-top:3rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--quiet);font-size:.875rem}
.quiet{color:var(--quiet);font-weight:400}
.bad{color:var(--bad)}.warn{color:var(--warn)}.good{color:var(--good)}
.self{display:flex;flex-wrap:wrap;gap:.3rem 1.5rem;list-style:none;margin:1rem 0 0;padding:.6rem .9rem;
background:var(--raised);border-radius:.5rem;font-size:.9rem}
.tally{display:flex;flex-wrap:wrap;gap:.4rem 1.4rem;list-style:none;margin:1rem 0;padding:0;font-size:1.05rem}
.tally b{font-variant-numeric:tabular-nums}
form{display:flex;flex-wrap:wrap;gap:.6rem;align-items:end;margin:1rem 0 1.5rem}
label{font-size:.875rem;color:var(--quiet);display:block}
input,select,button{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--quiet);
border-radius:.35rem;padding:.35rem .6rem;max-width:100%}
button{background:var(--raised);cursor:pointer}
.cases{list-style:none;margin:0;padding:0}
.case{border-left:.3rem solid var(--line);padding:.1rem 0 .1rem 1rem;margin:0 0 1.75rem}
.case.bad{border-color:var(--bad)}.case.warn{border-color:var(--warn)}.case.good{border-color:var(--good)}
.case.bad,.case.warn,.case.good{color:inherit}
.case h2,.case h3{margin:0;font-size:1.15rem}
.verdict{font-weight:600}
.said{font-size:1.05rem}
.checks{margin:.3rem 0;padding-left:1.3rem}
.well{list-style:none;margin:0;padding:0}
.well li{display:grid;grid-template-columns:minmax(0,2fr) minmax(0,1fr) minmax(0,2fr);gap:.2rem 1rem;padding:.4rem 0;
border-top:1px solid var(--line)}
dl.facts{display:grid;grid-template-columns:minmax(7rem,max-content) minmax(0,1fr);gap:.25rem 1rem;margin:.5rem 0}
dt{color:var(--quiet)}dd{margin:0}
.server{border-top:1px solid var(--line);padding:1rem 0 .5rem}
.address{margin:1rem 0 1.5rem;padding:.75rem 1rem;background:var(--raised);border-radius:.5rem}
.address h4{margin:0 0 .3rem;font-size:1rem}
.phases{display:grid;grid-template-columns:5.5rem minmax(3rem,1fr) 5rem;gap:.1rem .8rem;margin:.6rem 0;max-width:34rem;
font-size:.9rem;align-items:center}
.phases dd:nth-of-type(even){text-align:right;font-variant-numeric:tabular-nums}
svg{display:block;width:100%}
.bar{height:.55rem;fill:var(--bar)}
.strip{height:1.6rem;border-radius:.25rem;background:var(--raised)}
.strip .bad{fill:var(--bad)}.strip .warn{fill:var(--warn)}.strip .good{fill:var(--good)}.strip .quiet{fill:var(--bar)}
.scale{display:flex;justify-content:space-between;font-size:.8rem;color:var(--quiet)}
details{margin:.5rem 0}summary{cursor:pointer;padding:.2rem 0}
.log{list-style:none;margin:.4rem 0 1rem;padding:0}
.log li{display:grid;grid-template-columns:4.8rem 1.6rem minmax(0,1fr);gap:0 .4rem}
.log .at{color:var(--quiet);text-align:right;font-variant-numeric:tabular-nums}
.log .by-note{color:var(--quiet)}
table{border-collapse:collapse;width:100%}
caption{text-align:left;color:var(--quiet);padding:.3rem 0}
th,td{text-align:left;vertical-align:top;padding:.4rem .9rem .4rem 0;border-top:1px solid var(--line)}
th{font-weight:600}thead th,td.bad{overflow-wrap:normal}
@media (max-width:45rem){body{padding:.75rem 1rem 2rem}h1{font-size:1.45rem}thead{display:none}
tr{display:block;border-top:1px solid var(--line);padding:.4rem 0}td,tbody th{display:block;border:0;padding:0}
.well li{grid-template-columns:minmax(0,1fr) max-content}.well li>:nth-child(3){grid-column:1/-1}
.log li{grid-template-columns:3.9rem 1.1rem minmax(0,1fr)}dl.facts{grid-template-columns:6rem minmax(0,1fr)}}
)css";
}

}  // namespace mxhealth::web

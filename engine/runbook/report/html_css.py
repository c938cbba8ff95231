"""What the pages of reports look like beyond those of runbooks, whose colours and letters they share."""

STYLE = """
:root{--good-f:#eefaf2;--bad-f:#fef0ef;--busy-f:#eff5ff}
@media (prefers-color-scheme:dark){:root{--good-f:#11261a;--bad-f:#2d1514;--busy-f:#13202f}}
main{max-width:64rem}
.soft{color:var(--soft);font-size:.92rem}
.part{margin:1.6rem 0}
.part h3{margin:0 0 .4rem}
table{font-variant-numeric:tabular-nums}
caption{caption-side:top;color:var(--soft);font-size:.92rem;text-align:left;padding:.2rem 0}
tbody th{color:var(--ink);font-weight:600}
.between{color:var(--soft);font-size:.88rem;font-weight:400;padding-top:.9rem}
.number-cell{text-align:right;white-space:nowrap}
.scroll:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.badge{display:inline-block;padding:0 .5em;border:1px solid currentColor;border-radius:999px;font-size:.82em;
font-weight:600;line-height:1.6;white-space:nowrap}
.badge.good{color:var(--good)}.badge.bad{color:var(--destroy)}.badge.warn{color:var(--change)}
.badge.busy{color:var(--read)}.badge.plain{color:var(--soft)}
.banner{margin:1rem 0;padding:.6rem .9rem;border:1px solid var(--line);border-left-width:5px;border-radius:6px;
background:var(--shade)}
.banner p{margin:.2rem 0}
.banner.good{border-left-color:var(--good);background:var(--good-f)}
.banner.bad{border-left-color:var(--destroy);background:var(--bad-f)}
.banner.warn{border-left-color:var(--change);background:var(--warn-f)}
.banner.busy{border-left-color:var(--read);background:var(--busy-f)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.8rem;margin:1.2rem 0}
.figures>div{border:1px solid var(--line);border-radius:6px;background:var(--shade);padding:.7rem .9rem}
.figures dt{font-size:.85rem}
.figures dd{color:var(--soft);font-size:.85rem;margin:0}
.figures .large{color:var(--ink);font-size:1.7rem;font-weight:600;line-height:1.25;letter-spacing:-.01em}
.moments{list-style:none;margin:1rem 0;padding:0 0 0 .35rem}
.moments li{position:relative;display:grid;grid-template-columns:8.5rem 1fr;gap:.1rem 1rem;
padding:.35rem 0 .35rem 1.1rem;border-left:2px solid var(--line)}
.moments li::before{content:"";position:absolute;left:-.4rem;top:.85rem;width:.7rem;height:.7rem;border-radius:50%;
background:var(--paper);border:2px solid var(--soft);box-sizing:border-box}
.moments .good::before{background:var(--good);border-color:var(--good)}
.moments .bad::before{background:var(--destroy);border-color:var(--destroy)}
.moments .warn::before{background:var(--change);border-color:var(--change)}
.moments .busy::before{background:var(--read);border-color:var(--read)}
.moments time{color:var(--soft);font-variant-numeric:tabular-nums}
.what .sev{vertical-align:baseline;margin-left:.2rem;font-size:.75rem}
.what>:first-child{margin-top:0}.what>:last-child{margin-bottom:0}
.drawing{margin:1rem 0}
.drawings{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:0 1.5rem}
.drawing svg{display:block;max-width:100%;height:auto}
figcaption{color:var(--soft);font-size:.88rem;margin-top:.3rem}
details{margin:.8rem 0;border:1px solid var(--line);border-radius:6px;padding:.5rem .9rem}
summary{cursor:pointer;font-weight:600}
@media (max-width:34rem){.moments li{grid-template-columns:1fr}.figures{grid-template-columns:1fr 1fr}
.figures .large{font-size:1.35rem}table{font-size:.88rem}th,td{padding:.35rem .25rem}}
.soft{break-after:avoid}
@media print{:root{--good-f:#fff;--bad-f:#fff;--busy-f:#fff}main{max-width:none}.scroll{overflow:visible}
.drawings{grid-template-columns:1fr 1fr;gap:0 1rem}.figures{grid-template-columns:repeat(auto-fit,minmax(7.5rem,1fr))}
th,td{padding:.2rem .5rem}.drawing,.figures,.banner,.moments li{break-inside:avoid}.badge{color:#000 !important}
details::details-content{content-visibility:visible;height:auto}summary{list-style:none}}
""".strip()

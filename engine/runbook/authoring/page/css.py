"""How a page looks: on a screen by day and by night, on a phone, and on paper. No scripts, nothing from elsewhere."""

STYLE = """
:root{color-scheme:light dark;--ink:#1f2328;--soft:#57606a;--line:#d8dee4;--paper:#fff;--shade:#f6f8fa;--code:#f3f5f8;
--read:#3b6fb6;--change:#b45309;--destroy:#b42318;--hand:#6f42c1;--good:#2f7d4f;--warn-f:#fff6e9;--link:#0a58b9}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa5b1;--line:#30363d;--paper:#0d1117;--shade:#161b22;
--code:#161d27;--read:#79a8e6;--change:#e0a458;--destroy:#f08a80;--hand:#b79cf0;--good:#5dbb84;--warn-f:#2b2113;
--link:#79b8ff}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);overflow-wrap:anywhere;
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:52rem;margin:0 auto;padding:2rem 1.25rem 4rem}
a{color:var(--link)}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .6rem;letter-spacing:-.01em}
h2{font-size:1.25rem;margin:2.6rem 0 .9rem;padding-bottom:.35rem;border-bottom:1px solid var(--line)}
h3{font-size:1.05rem;margin:0}h4,h5,h6{font-size:1rem;margin:0}
p{margin:.5rem 0}ul,ol{margin:.5rem 0;padding-left:1.4rem}
code,pre{font:.875em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
code{background:var(--code);border-radius:4px;padding:.1em .35em}
pre{background:var(--code);border:1px solid var(--line);border-radius:6px;margin:.6rem 0;padding:.7rem .85rem;
white-space:pre-wrap}
pre code{background:none;padding:0}
pre.copy code{user-select:all;-webkit-user-select:all}
.label{color:var(--soft);font-size:.85rem;margin:.7rem 0 -.35rem}
.head{display:flex;flex-wrap:wrap;gap:.35rem 1.1rem;margin:0;padding:0;list-style:none;color:var(--soft);
font-size:.92rem}
.head b{font-weight:600;color:var(--ink)}
.sev{display:inline-block;vertical-align:.3em;margin-left:.6rem;padding:.12rem .55rem;border-radius:999px;
font-size:.8rem;font-weight:700;letter-spacing:.02em;color:#fff;background:#57606a}
.sev1{background:#b42318}.sev2{background:#b45309}.sev3{background:#3b6fb6}
nav{margin:1.4rem 0 0;padding:.6rem 0;border:solid var(--line);border-width:1px 0;font-size:.92rem}
nav ol{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;list-style:none;margin:0;padding:0}
nav a{text-decoration:none}nav a:hover{text-decoration:underline}
.card{border:1px solid var(--line);border-left:4px solid var(--line);border-radius:6px;background:var(--paper);
margin:.9rem 0;padding:.8rem 1rem .9rem}
.card .card{margin-left:0}
.reads{border-left-color:var(--read)}.changes,.tells-people{border-left-color:var(--change)}
.destroys{border-left-color:var(--destroy)}.by-hand{border-left-color:var(--hand)}
.option{border-left-color:var(--ink);background:var(--shade)}.alert{border-left-color:var(--destroy)}
.check{border-left-color:var(--good)}
.title{display:flex;flex-wrap:wrap;align-items:baseline;justify-content:space-between;gap:.1rem .9rem}
.marks{color:var(--soft);font-size:.82rem}.marks code{font-size:1em}
.marks .effect{font-weight:600}
.reads>.title .effect{color:var(--read)}.changes>.title .effect,.tells-people>.title .effect{color:var(--change)}
.destroys>.title .effect{color:var(--destroy)}.by-hand>.title .effect{color:var(--hand)}
.number{display:inline-block;min-width:1.6em;height:1.6em;margin-right:.5em;border-radius:50%;background:var(--ink);
color:var(--paper);font-size:.85em;line-height:1.6em;text-align:center}
input[type=checkbox]{width:1.15em;height:1.15em;margin:0 .6em 0 0;vertical-align:-.2em;accent-color:var(--good)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem .9rem;margin:.6rem 0;font-size:.92rem}
dt{color:var(--soft)}dd{margin:0}
.caution{margin:.7rem 0;padding:.55rem .85rem;border-left:4px solid var(--change);border-radius:4px;
background:var(--warn-f)}
.caution p{margin:.2rem 0}.caution b{color:var(--change)}
blockquote{margin:.6rem 0;padding:.1rem .9rem;border-left:3px solid var(--line);color:var(--soft)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;margin:.7rem 0;font-size:.92rem;width:100%}
th,td{padding:.4rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;overflow-wrap:normal}
th{color:var(--soft);font-weight:600}
.flow svg{display:block;max-width:100%;height:auto;margin:0 auto}
footer{margin-top:3.5rem;padding-top:.8rem;border-top:1px solid var(--line);color:var(--soft);font-size:.85rem}
@media (max-width:34rem){dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}main{padding-top:1.25rem}}
@media print{:root{color-scheme:light;--ink:#000;--soft:#444;--line:#bbb;--paper:#fff;--shade:#fff;--code:#f6f6f6;
--warn-f:#fff;--link:#000;--read:#24497d;--change:#7a3a06;--destroy:#8c1b12;--hand:#4b2d83;--good:#1f5c39}
@page{margin:16mm}body{font-size:10.5pt}main{max-width:none;padding:0}nav{display:none}
h2,h3,.title{break-after:avoid}pre,.caution,tr,.flow,.card:not(.option){break-inside:avoid}
.sev{border:1px solid #000;color:#000;background:none}
a[href^=http]::after{content:" (" attr(href) ")";font-size:.85em;color:#444}}
""".strip()

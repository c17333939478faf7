class Config { read(t) { return this.parse(JSON.parse(t)); } parse(d) { return d.map((row) => row.a.b.c); } }
function main() { new Config().read(process.argv[2]); }
main();

// Runs the program of a page in Node.js:
//
//   node compute.mjs PAGE.html NETWORK.json… < images > results.json
//
// Each network computes all images, 784 bytes each. The results are, for each network, the logits, the
// places in which it looks for class i in image i, and the median milliseconds.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import vm from "node:vm";

const [page, ...networks] = process.argv.slice(2);
const html = readFileSync(page, "utf8");
const element = (id) => gunzipSync(Buffer.from(html.match(new RegExp(`id="${id}">([^<]*)<`))[1], "base64"));
const script = html.match(/<script>([^]*)<\/script>/)[1];
// The page's own part begins the document; what comes before is Go's.
vm.runInThisContext(script.slice(0, script.indexOf("(() => {\n  const side")));

const images = readFileSync(0);
const go = new Go();
const { instance } = await WebAssembly.instantiate(element("program"), go.importObject);
const ended = go.run(instance).then(() => { throw new Error("the program has ended"); });
const call = (name, ...args) => {
  const result = fashionlab[name](...args);
  if (result.error) throw new Error(result.error);
  return result;
};
const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];

function compute(network) {
  call("open", network);
  const result = { logits: [], maps: [] };
  const times = { predict: [], look: [] };
  for (let i = 0; i < images.length / 784; i++) {
    const pixels = images.subarray(784 * i, 784 * (i + 1));
    let started = performance.now();
    const answer = call("predict", pixels);
    times.predict.push(performance.now() - started);
    result.logits.push([...answer.logits]);
    if (i < 10) {
      started = performance.now();
      const looked = fashionlab.look(pixels, i);
      times.look.push(performance.now() - started);
      result.maps.push(looked.error ?? [...looked.map]);
    }
  }
  return { ...result, predict: median(times.predict), look: median(times.look) };
}

const results = [element("network"), ...networks.map((file) => readFileSync(file))].map(compute);
process.stdout.write(JSON.stringify({ program: element("program").length, results }), () => process.exit(0));
await ended;

// Asks an endpoint by Comunica: `node ask.mjs ADDRESS MEDIA-TYPE QUERY [MEDIA-TYPE QUERY ...]` prints a JSON list of answers.
import { QueryEngine } from "@comunica/query-sparql";

const [address, ...rest] = process.argv.slice(2);
const engine = new QueryEngine();
const answers = [];
for (let i = 0; i < rest.length; i += 2) {
  const result = await engine.query(rest[i + 1], { sources: [{ type: "sparql", value: address }] });
  const { data } = await engine.resultToString(result, rest[i]);
  answers.push((await data.toArray()).join(""));
}
console.log(JSON.stringify(answers));

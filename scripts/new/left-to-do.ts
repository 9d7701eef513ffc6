import type { NewFunction } from './templates.ts'

/** What only somebody who knows what the function is for can write. */
export const leftToDo = ({ name, service }: NewFunction) => `
${name} runs with the shop from now on. Next:
  npm run check && npm test -- ${name}
Left to do by hand:
  give it its routes (routes.ts), its rules and its statements (store.ts), and say what it is for: in its README.md, in the table
  of README.md, and in the first line of knative/functions/${name}.yaml
  name requests of it in tests/e2e/metrics.test.ts and tests/e2e/shutdown.test.ts, and in bench/requests.ts
  look at the numbers in that manifest; max_connections of ${service} were raised by what twice its max-scale can take, and above
  some 700 a pooler has to stand in between
  to make it public: add it to publicFunctions in scripts/topology.ts, to tags in scripts/generate/openapi.ts, to the paths in
  functions/edge/routes.ts with its ${name.replaceAll('-', '_').toUpperCase()}_URL in the edge's settings.ts, main.ts and README.md and in
  knative/functions/edge.yaml, to the edge's calls in tests/conformance/arrows.ts and docs/architecture.md, and run npm run generate
  to keep it inside: label its Knative Service networking.knative.dev/visibility: cluster-local, and name it among the internal ones
  in tests/conformance/manifests-and-code.test.ts
  to let it call others: name them in its line of scripts/topology.ts, in tests/conformance/arrows.ts and in docs/architecture.md,
  their urls in its settings.ts, README.md and manifest, and it in functions-that-call of knative/network/functions.yaml`

import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { read } from './tree.ts'

const root = join(import.meta.dirname, '..', '..')
const container = JSON.parse(read('.devcontainer/devcontainer.json')) as {
  features: Record<string, { version?: string }>
  postAttachCommand: string
  forwardPorts: number[]
}

test('the container brings the Node of the project, Docker and the tools of a cluster', () => {
  const names = Object.keys(container.features).map((feature) => /\/([\w-]+):/.exec(feature)?.[1])
  expect(names).toEqual(['node', 'docker-in-docker', 'kubectl-helm-minikube', 'kind', 'skaffold'])
  expect(container.features['ghcr.io/devcontainers/features/node:1']?.version).toBe('24')
})

test('one command starts Grafana, pinned as in the cluster and with the boards of the tree, and then the shop', () => {
  expect(statSync(join(root, container.postAttachCommand)).mode & 0o111).not.toBe(0)
  const bin = mkdtempSync(join(tmpdir(), 'shop-devcontainer-'))
  onTestFinished(() => rmSync(bin, { recursive: true }))
  mkdirSync(join(bin, 'bin'))
  // Stand in for the programs, and write down what they are called with.
  for (const name of ['docker', 'npm', 'sudo']) {
    writeFileSync(join(bin, 'bin', name), `#!/bin/sh\necho "${name} $*" >> ${bin}/calls\n`)
    chmodSync(join(bin, 'bin', name), 0o755)
  }
  execFileSync(join(root, container.postAttachCommand), { env: { PATH: `${bin}/bin:${process.env['PATH']}` }, stdio: 'pipe' })
  const calls = readFileSync(join(bin, 'calls'), 'utf8').trim().split('\n')
  const grafana = calls.find((call) => call.startsWith('docker run'))
  const digest = /name: grafana\n(?:.*\n){2} *digest: (\S+)/.exec(read('knative/base/kustomization.yaml'))?.[1]
  expect(grafana?.endsWith(`@${digest}`)).toBe(true)
  for (const mounted of ['provisioning', 'dashboards'])
    expect(grafana).toContain(`${root}/knative/observability/grafana/${mounted}:/etc/grafana/${mounted}:ro`)
  expect(calls.at(-1)).toBe('npm start -- --observe')
})

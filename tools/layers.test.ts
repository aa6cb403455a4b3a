import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { layerFaults } from './layers.ts'

const ROOT = join(import.meta.dirname, '..')
const made: string[] = []

/** A workspace in a temporary folder, out of file texts by path. */
function workspace(files: Readonly<Record<string, string | object>>): string {
  const root = mkdtempSync(join(tmpdir(), 'layers-'))
  made.push(root)
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, 'packages', path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  }
  return root
}

afterEach(() => {
  for (const root of made.splice(0)) rmSync(root, { recursive: true, force: true })
})

describe('the packages of this repository', () => {
  it('depend on each other only as the layers allow', () => {
    expect(layerFaults(ROOT)).toEqual([])
  })
})

describe('layerFaults', () => {
  it('names the manifest, the edge and what is allowed', () => {
    const root = workspace({
      'client/package.json': { dependencies: { '@countersign/server': '0.1.0' } },
    })
    expect(layerFaults(root)).toEqual([
      'packages/client/package.json: client -> server is not allowed; client may use protocol',
    ])
  })

  it.each(['dependencies', 'peerDependencies', 'optionalDependencies'])('looks at %s', (member) => {
    const root = workspace({ 'cli/package.json': { [member]: { '@countersign/testkit': '*' } } })
    expect(layerFaults(root)).toHaveLength(1)
  })

  it('allows the testkit, and nothing else, in devDependencies', () => {
    const root = workspace({
      'guard/package.json': {
        devDependencies: { '@countersign/testkit': '0.1.0', '@countersign/server': '0.1.0' },
      },
    })
    expect(layerFaults(root)).toEqual([
      'packages/guard/package.json: devDependencies may name testkit only, not server',
    ])
  })

  it.each([
    ["import { x } from '@countersign/server'", 'client -> server is not allowed'],
    ["import type { X } from '@countersign/server/node'", 'client -> server is not allowed'],
    ["export * from '@countersign/verify'", 'client -> verify is not allowed'],
    ["export * from '@countersign/testkit'", 'client -> testkit is not allowed'],
    ["import { x } from '../../server/src/index.ts'", 'leaves the package'],
    ["import { x } from 'node:fs'", 'client -> node:fs is not allowed'],
    ["import type { X } from 'node:http'", 'client -> node:http is not allowed'],
    ["const fs = await import('node:fs')", 'client -> node:fs is not allowed'],
  ])('finds %j in a source', (text, fault) => {
    const root = workspace({ 'client/package.json': {}, 'client/src/a.ts': text })
    expect(layerFaults(root)).toEqual([expect.stringContaining(fault)])
    expect(layerFaults(root)[0]).toContain('packages/client/src/a.ts: ')
  })

  it('leaves tests, allowed edges and the packages that are made for Node alone', () => {
    const root = workspace({
      'client/package.json': { dependencies: { '@countersign/protocol': '0.1.0' } },
      'client/src/lib/a.ts':
        "import { x } from '@countersign/protocol'\nimport { y } from '../b.ts'\n",
      'client/src/a.test.ts': "import { z } from '@countersign/server'\n",
      'guard/package.json': {},
      'guard/src/node.ts': "import type { X } from 'node:http'\n",
      'server/package.json': {},
      'server/src/a.ts': "import { createHash } from 'node:crypto'\n",
    })
    expect(layerFaults(root)).toEqual([])
  })

  it('gives a package that no layer names nothing to use', () => {
    const root = workspace({
      'extra/package.json': { dependencies: { '@countersign/protocol': '0.1.0' } },
    })
    expect(layerFaults(root)).toEqual([
      'packages/extra/package.json: extra -> protocol is not allowed; extra may use no other package',
    ])
  })
})

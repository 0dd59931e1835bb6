import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { accountEndpoints, allEvents, allPushes, allRoutes, errorCodes, publicRoutes } from '@hydra/protocol'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { fieldTable } from './field-table.ts'
import { generateDocs, operationsPath } from './generate-docs.ts'

const root = join(import.meta.dirname, '../../..')
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
const operationsPage = await readFile(join(root, operationsPath), 'utf8')
const docs = generateDocs({ version, operationsPage })
const pageOf = (path: string) => docs.get(path) ?? ''

describe('the files', () => {
  test.each([...docs.keys()])('%s is what contracts and schemas give (else: npm run docs)', async (path) => {
    expect(await readFile(join(root, path), 'utf8')).toBe(docs.get(path))
  })

  test('are the same each time', () => {
    expect([...generateDocs({ version, operationsPage })]).toEqual([...docs])
  })
})

describe('protocol.md', () => {
  const page = pageOf('docs/protocol.md')
  const [publicPart = '', internalPart = ''] = page.split('## Between services')

  test.each(publicRoutes)('has $name with its code, fields and errors', ({ name, code, request, errors }) => {
    const section = publicPart.split(`\n#### ${name}\n`)[1]?.split('\n#### ')[0] ?? ''
    expect(section).toContain(`Code ${code} · `)
    for (const field of Object.keys(z.toJSONSchema(request).properties ?? {})) {
      expect(section).toMatch(new RegExp(`\\| \`${field}\\??\` \\|`))
    }
    for (const error of errors) expect(section).toContain(`\`${error}\``)
  })

  test('has every push and endpoint', () => {
    for (const { name } of allPushes) expect(publicPart).toContain(`\n#### ${name}\n`)
    for (const { method, path } of Object.values(accountEndpoints)) {
      expect(publicPart).toContain(`\n### ${method} ${path}\n`)
    }
  })

  test('has internal calls and events in the section that says that clients cannot call them, and only there', () => {
    const internal = [...allRoutes.filter((route) => route.internal), ...allEvents]
    for (const { name } of internal) {
      expect(internalPart).toContain(`| \`${name}\` |`)
      expect(publicPart).not.toContain(name)
    }
    expect(internalPart).toContain('Not callable by clients')
  })

  test('links to headings that exist', () => {
    const anchors = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    )
    const links = [...page.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor]) => anchor)
    expect(links.length).toBeGreaterThan(publicRoutes.length)
    expect(anchors).toEqual(expect.arrayContaining(links))
  })
})

test('operations.md has the headings that alerts and its own links name', () => {
  const page = pageOf(operationsPath)
  const anchors = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-'),
  )
  const links = [...page.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor]) => anchor)
  const parts = ['gate', 'http', 'game', 'chat', 'mysql', 'redis', 'nats', 'etcd'].map(
    (each) => `${each}-down`,
  )
  expect(links.length).toBeGreaterThan(10)
  expect(anchors).toEqual(expect.arrayContaining([...links, ...parts, 'disk-full']))
})

test.each(Object.entries(errorCodes))('errors.md has %s', (code, { httpStatus, retryable, meaning }) => {
  const again = retryable ? 'yes' : ''
  expect(pageOf('docs/errors.md')).toContain(`| \`${code}\` | ${httpStatus} | ${again} | ${meaning} |`)
})

test('protocol.json has the public routes, and no internal ones', () => {
  const text = pageOf('docs/protocol.json')
  const document = JSON.parse(text) as { methods: { name: string; 'x-code': number; params: object[] }[] }
  expect(document.methods.map((method) => [method.name, method['x-code']])).toEqual(
    publicRoutes.map(({ name, code }) => [name, code]),
  )
  expect(document.methods.find(({ name }) => name === 'chat.channel.history')?.params).toContainEqual({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
  })
  for (const { name } of allRoutes.filter((route) => route.internal)) expect(text).not.toContain(name)
  // Unknown fields must stay acceptable, or no server could be upgraded before its clients.
  expect(text).not.toContain('additionalProperties": false')
})

test('field tables: paths, optional fields, ranges, unions, defaults and pipes', () => {
  const schema = z.object({
    id: z.string().regex(/^(a|b)$/),
    list: z.array(z.object({ value: z.number().min(0).max(1).optional() })).max(3),
    either: z.union([z.string(), z.null()]).describe('One | other.'),
    kind: z.enum(['x', 'y']).default('x'),
  })
  expect(fieldTable('Body', schema, 'input').split('\n')).toEqual([
    'Body:',
    '',
    '| field | type |  |',
    '| --- | --- | --- |',
    '| `id` | string | Matches `^(a\\|b)$`. |',
    '| `list` | array of object, at most 3 |  |',
    '| `list[].value?` | number, 0–1 |  |',
    '| `either` | string or null | One \\| other. |',
    '| `kind?` | string | One of `x`, `y`. Default `"x"`. |',
  ])
  expect(fieldTable('Body', z.object({}), 'input')).toBe('Body: no fields, `{}`.')
})

describe('npm run docs -- --check', () => {
  const check = (folder: string) =>
    promisify(execFile)(
      process.execPath,
      [
        '--conditions=source',
        '--import',
        'tsx',
        join(import.meta.dirname, 'main.ts'),
        '--check',
        '--root',
        folder,
      ],
      { cwd: root },
    )

  test('passes for a workspace that is up to date, and names what is stale or missing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hydra-docs-'))
    try {
      await cp(join(root, 'package.json'), join(folder, 'package.json'))
      await cp(join(root, 'docs'), join(folder, 'docs'), { recursive: true })
      await cp(join(root, 'data/conf'), join(folder, 'data/conf'), { recursive: true })
      for (const part of ['docs', 'data/observability'])
        await cp(join(root, part), join(folder, part), { recursive: true })
      expect((await check(folder)).stdout).toContain('up to date')
      await writeFile(join(folder, 'docs/errors.md'), 'old')
      await rm(join(folder, 'docs/protocol.json'))
      await expect(check(folder)).rejects.toMatchObject({
        code: 1,
        stderr: 'Stale: docs/errors.md, docs/protocol.json. Run "npm run docs" and commit the result.\n',
      })
      expect(await readFile(join(folder, 'docs/errors.md'), 'utf8')).toBe('old')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

import { errorsPage } from './errors-page.ts'
import { protocolJson } from './protocol-json.ts'
import { protocolPage } from './protocol-page.ts'

/**
 * The generated pages, by their path in the workspace. The same contracts give the same bytes.
 *
 * @example generateDocs({ version: '0.1.0' }).get('docs/errors.md')
 */
export function generateDocs(options: { version: string }): ReadonlyMap<string, string> {
  return new Map([
    ['docs/protocol.md', protocolPage()],
    ['docs/errors.md', errorsPage()],
    ['docs/protocol.json', protocolJson(options.version)],
  ])
}

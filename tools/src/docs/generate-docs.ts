import { configFile } from './config-file.ts'
import { withConfigReference } from './config-reference.ts'
import { configuredServices } from './config-services.ts'
import { join } from 'node:path'
import { readCatalogue } from '../observability/catalogue.ts'
import { overviewDashboard } from '../observability/dashboard/dashboard.ts'
import { metricsPage } from '../observability/metrics-page.ts'
import { errorsPage } from './errors-page.ts'
import { protocolJson } from './protocol-json.ts'
import { protocolPage } from './protocol-page.ts'

/** What the generated files depend on besides the contracts and the schemas. */
export interface GenerateDocsOptions {
  readonly version: string
  /** docs/operations.md as it is: only its reference is generated. */
  readonly operationsPage: string
}

/** The page that is written by hand except for its end. */
export const operationsPath = 'docs/operations.md'
const workspace = join(import.meta.dirname, '../../..')

/**
 * The generated files, by their path in the workspace. The same contracts and schemas give the same bytes.
 *
 * @throws Error when a key of a configuration is not described, or the page of operations has lost its marks.
 * @example generateDocs({ version: '0.1.0', operationsPage }).get('docs/errors.md')
 */
export function generateDocs(options: GenerateDocsOptions): ReadonlyMap<string, string> {
  return new Map([
    ['docs/protocol.md', protocolPage()],
    ['docs/errors.md', errorsPage()],
    ['docs/protocol.json', protocolJson(options.version)],
    [operationsPath, withConfigReference(options.operationsPage, configuredServices)],
    ...configuredServices.map(
      (each) => [`data/conf/${each.service}server.toml`, configFile(each, configuredServices)] as const,
    ),
    ['docs/metrics.md', metricsPage(readCatalogue(workspace))],
    ['data/observability/grafana/hydra-overview.json', overviewDashboard()],
  ])
}

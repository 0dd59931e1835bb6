import { exitCode } from '@hydra/runtime'

/**
 * What keeps a command about the local cluster from working out: a sentence for a person, and the code with which the
 * command exits. It never crosses an edge of Hydra, so it is no `HydraError`.
 *
 * @example throw new ClusterError('No cluster runs. Start one: npx hydra up', exitCode.unavailable)
 */
export class ClusterError extends Error {
  override readonly name = 'ClusterError'
  readonly exitCode: number

  constructor(message: string, code: number = exitCode.stopFailed, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.exitCode = code
  }
}

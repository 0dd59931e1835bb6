import { HydraError } from '@hydra/protocol'
import type { ReadinessCheck } from '@hydra/runtime'

/** The part of a driver that concerns its state. */
export interface Driver {
  readonly connected: boolean
  close(): Promise<void>
}

/** Says of one backend whether it can be used, from the first attempt to connect on. */
export class BackendCheck implements ReadinessCheck {
  readonly name: string
  readonly #addresses: string
  #driver: Driver | undefined
  #failure: unknown

  constructor(name: string, addresses: readonly string[]) {
    this.name = name
    this.#addresses = addresses.join(', ')
  }

  failed(error: unknown): void {
    this.#failure = error
  }

  connected(driver: Driver): void {
    this.#driver = driver
  }

  check(): void {
    if (this.#driver?.connected === true) return
    const state = this.#driver === undefined ? 'could not be reached yet' : 'is not connected at the moment'
    throw new HydraError('STORAGE_UNAVAILABLE', `${this.name} at ${this.#addresses} ${state}.`, {
      cause: this.#driver === undefined ? this.#failure : undefined,
    })
  }
}

import { HydraError } from '@hydra/protocol'

/** Another game server owns a role: `server` if it is known, and the gate sends the request there. */
export const roleElsewhere = (rid: string, server?: string | null): HydraError =>
  new HydraError('ROLE_ELSEWHERE', `Another game server owns role ${rid}; send the request there.`, {
    metadata: { rid, ...(typeof server === 'string' ? { server } : {}) },
  })

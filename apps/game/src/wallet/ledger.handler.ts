import type { GameHandler } from '../game.ts'

/** The role's turn is not held up by the database: what leaves the ring has been archived before. */
export const ledger: GameHandler<'game.wallet.ledger'> =
  ({ actors, ledgerPages }) =>
  async (context, { beforeSeq = Infinity, limit }) => {
    const { rid } = context.session
    const ring = await actors.run(context, rid, (role) => role.state.ledger.entries)
    const latest = ring.filter(({ seq }) => seq < beforeSeq).toReversed()
    if (latest.length >= limit) return { entries: latest.slice(0, limit) }
    const before = Math.min(beforeSeq, ring[0]?.seq ?? Infinity)
    const older = Number.isFinite(before) ? await ledgerPages.read(rid, before, limit - latest.length) : []
    return { entries: [...latest, ...older] }
  }

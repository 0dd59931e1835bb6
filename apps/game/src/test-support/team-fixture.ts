import { pushes, routes, type Route, type RequestOf, type ResponseOf } from '@hydra/protocol'
import { eventually } from '@hydra/testing'
import { beforeEach } from 'vitest'
import { GameFixture } from './game-fixture.ts'
import { until, type TestGame } from './game-world.ts'
import { RolePushes } from './role-pushes.ts'
import type { TestBackends } from './test-backends.ts'
import type { TestSession } from './test-gate.ts'

const { team } = routes.game

/** A player of a test, and the server that its role is on. */
export interface TeamPlayer {
  readonly session: TestSession & { rid: string }
  readonly rid: string
  on: TestGame
}

/** Two game servers, players on either, and what each player is sent. */
export class TeamFixture extends GameFixture {
  #other: TestGame | undefined
  #pushes: RolePushes | undefined

  constructor(open: () => Promise<TestBackends>) {
    super(open)
    beforeEach(async () => {
      const other = await this.world.startGame()
      this.#other = other
      await this.gateSees(other)
      await until(other.registry, () => other.registry.get(this.game.id) !== undefined)
      const { game } = this
      await until(game.registry, () => game.registry.get(other.id) !== undefined)
      this.#pushes = new RolePushes(this.world, this.gate)
    })
  }

  /** The second game server. */
  get other(): TestGame {
    if (this.#other === undefined) throw new Error('This exists during a test only.')
    return this.#other
  }

  get pushes(): RolePushes {
    if (this.#pushes === undefined) throw new Error('This exists during a test only.')
    return this.#pushes
  }

  /** A role that is played, on the first server if no other is named. */
  async member(name: string, on = this.game): Promise<TeamPlayer> {
    const session = await this.player(name, on)
    await this.pushes.hear(session.rid)
    return { session, rid: session.rid, on }
  }

  /** Sends a request of a player to the server that its role is on. */
  ask<R extends Route>({ session, on }: TeamPlayer, route: R, body: RequestOf<R>): Promise<ResponseOf<R>> {
    return this.gate.request(session, route, body, on.id)
  }

  /** A team of these, the first of whom leads. Answers its id. */
  async teamOf(leader: TeamPlayer, ...others: readonly TeamPlayer[]): Promise<string> {
    const made = await this.ask(leader, team.create, {})
    const { teamId } = made.team
    for (const other of others) {
      await this.ask(leader, team.invite, { rid: other.rid })
      await this.ask(other, team.accept, { teamId })
    }
    return teamId
  }

  /** The members of a team as a player sees it. */
  async seenBy(player: TeamPlayer): Promise<readonly string[] | undefined> {
    const seen = await this.ask(player, team.get, {})
    return seen.team?.members.map(({ rid }) => rid)
  }

  /** Resolves when a player was sent a team of these, or that it is in none. */
  async toldOf(player: TeamPlayer, ...members: readonly TeamPlayer[]) {
    const wanted = members.map(({ rid }) => rid).join()
    return this.pushes.last(
      player.rid,
      pushes.game.team.changed,
      ({ team: told }) => (told?.members ?? []).map(({ rid }) => rid).join() === wanted,
    )
  }

  /** Resolves when the newest version of a team that chat has heard of has these: it leaves what comes late. */
  async chatHears(teamId: string, ...members: readonly TeamPlayer[]): Promise<void> {
    const rids = members.map(({ rid }) => rid).join(' ')
    await eventually(() => {
      const heard = this.world.chat.heard
        .map((line) => line.split(' '))
        .filter(([what, id]) => what === 'team' && id === teamId)
        .sort(([, , a], [, , b]) => Number(a) - Number(b))
      return heard.at(-1)?.slice(3).join(' ').trim() === rids
    })
  }

  /** Lets all servers look at their teams once. */
  async sweep(...games: readonly TestGame[]): Promise<void> {
    const looks = () => games.map(({ faults }) => faults.calls.get('teams.untold') ?? 0)
    const before = looks()
    this.world.clock.advance(30_000)
    await eventually(() => looks().every((count, index) => count > (before[index] ?? 0)))
  }
}

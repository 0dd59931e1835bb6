/** What the designers of a game may want to change of the rules in a scene. Lengths in centimetres. */
export interface SceneSettings {
  /** Of players, in centimetres a second. */
  readonly speed: number
  /** So much faster than {@link speed} is still believed: clients round, and clocks differ. */
  readonly speedTolerance: number
  /** Most time for which a step may make up after a pause: late packets are forgiven, teleports are not. */
  readonly moveBurstMs: number
  /** How far players hit, and pick up. */
  readonly reach: number
  readonly attackEveryMs: number
  /** Damage is the attack, less or more this part of it. */
  readonly damageSpread: number
  /** How near to a kill others have to be to share in it. */
  readonly shareRadius: number
  /** Between the death of a player and its coming back. */
  readonly playerRespawnMs: number
  /** Players recover when nothing has hit them for so long, */
  readonly regenerateAfterMs: number
  /** and then this part of their health in a second. */
  readonly regeneratePerSecond: number
  /** How long a dead monster lies about. */
  readonly corpseMs: number
  /** How often monsters look for somebody to attack. */
  readonly lookEveryMs: number
  /** Monsters that wander about rest in between, for a time between these, */
  readonly restMinMs: number
  readonly restMaxMs: number
  /** and walk with this part of their speed. */
  readonly wanderPace: number
  /** On its way home a monster recovers this part of its health in a second. */
  readonly recoverPerSecond: number
  /** How long loot belongs to who made the kill. */
  readonly lootReservedMs: number
  /** How long it lies about. */
  readonly lootMs: number
  /** How far from the corpse it may fall. */
  readonly lootScatter: number
  /** Most loot in a scene at one time; the oldest goes first. */
  readonly lootMax: number
}

/** The settings that a scene has unless it is given others. */
export const sceneSettings: SceneSettings = Object.freeze({
  speed: 500,
  speedTolerance: 1.1,
  moveBurstMs: 600,
  reach: 250,
  attackEveryMs: 800,
  damageSpread: 0.2,
  shareRadius: 2_000,
  playerRespawnMs: 5_000,
  regenerateAfterMs: 5_000,
  regeneratePerSecond: 0.02,
  corpseMs: 2_000,
  lookEveryMs: 500,
  restMinMs: 2_000,
  restMaxMs: 8_000,
  wanderPace: 0.5,
  recoverPerSecond: 0.25,
  lootReservedMs: 30_000,
  lootMs: 120_000,
  lootScatter: 100,
  lootMax: 500,
})

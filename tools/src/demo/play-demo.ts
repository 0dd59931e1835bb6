import { playMainJob, type Stage } from './story.ts'

/**
 * Plays the main job for a person: prints each step, and at a failure what went wrong and what to look at.
 * Answers whether all steps succeeded.
 */
export async function playDemo(stage: Pick<Stage, 'httpUrl' | 'roleSaved'>): Promise<boolean> {
  let step = 0
  const suffix = Date.now().toString(36).slice(-6)
  console.log(`The main job, against ${stage.httpUrl}`)
  try {
    await playMainJob({
      ...stage,
      suffix,
      say: (title, detail) => console.log(`  ${String(++step).padStart(2)}  ${title.padEnd(20)} ${detail}`),
    })
    console.log('All of it worked.')
    return true
  } catch (error) {
    console.error(`Failed after step ${step}:`, error)
    return false
  }
}

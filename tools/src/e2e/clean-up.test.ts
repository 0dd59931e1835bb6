import { expect, it } from 'vitest'
import { CleanUp } from './clean-up.ts'

it('undoes all of it, the last one first, whatever fails or hangs', async () => {
  const cleanUp = new CleanUp(1)
  const undone: string[] = []
  const undo = (name: string) => () => Promise.resolve(undone.push(name))
  cleanUp.add('tables', undo('tables'))
  cleanUp.add('cluster', undo('cluster'))
  cleanUp.add('view', () => Promise.reject(new Error('is broken')))
  cleanUp.add('crowd', () => new Promise(() => {}))
  cleanUp.add('newcomers', undo('newcomers'))
  await expect(cleanUp.run()).rejects.toThrow('Error: crowd: not removed after 1 ms; Error: is broken')
  expect(undone).toEqual(['newcomers', 'cluster', 'tables'])
})

it('has nothing to do a second time', async () => {
  const cleanUp = new CleanUp()
  let times = 0
  cleanUp.add('tables', () => Promise.resolve(times++))
  await cleanUp.run()
  await cleanUp.run()
  expect(times).toBe(1)
})

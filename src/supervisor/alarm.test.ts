import { expect, jest, test } from '@jest/globals'
import { instant } from '../units.ts'
import { Alarm } from './alarm.ts'

test('a jump of the wall clock neither moves the time of the machines nor rings the alarm', () => {
  const ring = jest.fn()
  const alarm = new Alarm(ring)
  const before = alarm.now()
  alarm.set(instant(before + 60_000))
  const wallClock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 86_400_000)
  expect(alarm.now() - before).toBeLessThan(1000)
  wallClock.mockRestore()
  alarm.set(null)
  expect(ring).not.toHaveBeenCalled()
})

test('the alarm rings once, when its time has come', async () => {
  const rung = await new Promise<number>((resolve) => {
    const alarm = new Alarm(() => resolve(alarm.now() - due))
    const due = alarm.now()
    alarm.set(instant(due + 20))
  })
  expect(rung).toBeGreaterThanOrEqual(20)
})

-- For wrk: one request of 20 is slower than the others. None takes twice the mean: for those wrk makes up further ones, which a
-- client that does not wait would have sent meanwhile (stats_correct in wrk.c).
local count = 0
function request()
  count = count + 1
  return wrk.format("GET", count % 20 == 0 and "/busy/sleep?seconds=0.11" or "/busy/sleep?seconds=0.06")
end

-- Requests for wrk: wrk -s wrk.lua ADDRESS -- FILE ACCEPT NONCE PAUSE ETAG
-- FILE has one request target a line. With NONCE (a number) the target of each request gets a number of its own at its
-- end, which is inside a comment of the query: no two requests are the same. With NONCE "same" they are sent as they are.
-- PAUSE is how many milliseconds each connection waits before a request. ETAG may be missing.
local targets, headers, nonce, turn, pause = {}, {}, nil, 0, 0

function init(arguments)
  for line in io.lines(arguments[1]) do targets[#targets + 1] = line end
  headers["Accept"] = arguments[2]
  if arguments[3] ~= "same" then nonce = tonumber(arguments[3]) end
  pause = tonumber(arguments[4])
  if pause > 0 then delay = function() return pause end end
  if arguments[5] then headers["If-None-Match"] = arguments[5] end
end

function request()
  turn = turn + 1
  local target = targets[(turn - 1) % #targets + 1]
  if nonce then target = target .. string.format("%d", nonce + turn) end
  return wrk.format("GET", target, headers)
end

function done(summary, latency)
  local errors = summary.errors
  local counted = {}
  for index = 1, #latency do
    local microseconds, count = latency(index)
    counted[index] = string.format("[%d,%d]", microseconds, count)
  end
  io.write(string.format(
    '{"requests": %d, "microseconds": %d, "errors": %d, "latencies": [%s]}\n',
    summary.requests, summary.duration,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout, table.concat(counted, ",")))
end

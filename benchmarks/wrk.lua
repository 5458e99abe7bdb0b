-- Requests for wrk: wrk -s wrk.lua ADDRESS -- FILE ACCEPT NONCE ETAG
-- FILE has one request target a line. With NONCE (a number) the target of each request gets a number of its own at its
-- end, which is inside a comment of the query: no two requests are the same. With NONCE "same" they are sent as they are.
local targets, headers, nonce, turn = {}, {}, nil, 0

function init(arguments)
  for line in io.lines(arguments[1]) do targets[#targets + 1] = line end
  headers["Accept"] = arguments[2]
  if arguments[3] ~= "same" then nonce = tonumber(arguments[3]) end
  if arguments[4] then headers["If-None-Match"] = arguments[4] end
end

function request()
  turn = turn + 1
  local target = targets[(turn - 1) % #targets + 1]
  if nonce then target = target .. string.format("%d", nonce + turn) end
  return wrk.format("GET", target, headers)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "errors": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end

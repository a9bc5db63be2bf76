-- Takes servers that nobody took within the period, longest waiting first.
local period, limit = tonumber(arg()), tonumber(arg())
local now = now_ms()
-- Stamps of meetings that an original has ended stay behind; after a day they mean nothing.
local stale = redis.call('ZRANGEBYSCORE', key('ext:placed_at'), '-inf', now - 86400000, 'LIMIT', 0, 500)
for _, id in ipairs(stale) do
  redis.call('SREM', key('ext:creating'), id)
  if redis.call('EXISTS', key('meeting:' .. id)) == 1 then
    redis.call('ZADD', key('ext:placed_at'), 'XX', now - 3600000, id)
  else
    redis.call('ZREM', key('ext:placed_at'), id)
    uncount(id)
  end
end
local waiting = {}
for _, id in ipairs(redis.call('SMEMBERS', key('servers'))) do
  local taken = tonumber(redis.call('ZSCORE', key('ext:poll_taken'), id) or 0)
  -- One in the future is from before the clock was set back.
  if taken + period <= now or taken > now then
    waiting[#waiting + 1] = { id = id, taken = taken }
  end
end
table.sort(waiting, function(a, b)
  if a.taken ~= b.taken then
    return a.taken < b.taken
  end
  return a.id < b.id
end)
-- An ID without a record waits for ever: it must not use up the limit.
local tasks = {}
for _, server in ipairs(waiting) do
  if #tasks >= limit then
    break
  end
  local record = server_record(server.id)
  if record then
    redis.call('ZADD', key('ext:poll_taken'), now, server.id)
    record[#record + 1] = redis.call('HGET', key('ext:load_added'), server.id) or '0'
    record[#record + 1] = server.taken > 0 and tostring(math.max(0, now - server.taken)) or ''
    tasks[#tasks + 1] = record
  end
end
return tasks

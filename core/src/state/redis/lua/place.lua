-- Where a create goes: CONTRACT §3.1-3.6, §3.11, all in one step.
local id, tenant, moderator_pw, ttl, hold_ms = arg(), arg(), arg(), arg(), tonumber(arg())
local max_meetings = tonumber(arg())
local wanted, otherwise, bridges, failed = list_arg(), list_arg(), list_arg(), list_arg()
local required = #otherwise == 0

local has_failed = {}
for _, server_id in ipairs(failed) do
  has_failed[server_id] = true
end

local known = meeting(id)
if known then
  if tenant ~= '' and known.tenant_id ~= '' and known.tenant_id ~= tenant then
    return { 'other-tenant' }
  end
  local server = route(known.server_id)
  local creating = redis.call('SISMEMBER', key('ext:creating'), id)
  -- A server that failed this call may have answered another one: then the meeting stays.
  if server and not (has_failed[known.server_id] and creating == 1) then
    redis.call('ZADD', key('ext:placed_at'), now_ms() + hold_ms, id)
    return { 'existing', tostring(creating), unpack(located(known, server)) }
  end
  if server then
    add_load(server.id, -server.multiplier)
  else
    -- Its server was removed: a meeting of that name is a new one.
    forget(id, known.voice_bridge)
    known = nil
  end
end

-- Whether the tenant has as many meetings as it may have. Those that are over are dropped on the way.
local function is_full()
  local meetings_of = key('ext:tenant_meetings:' .. tenant)
  if redis.call('SCARD', meetings_of) < max_meetings then
    return false
  end
  local count = 0
  for _, other in ipairs(redis.call('SMEMBERS', meetings_of)) do
    if redis.call('HGET', key('meeting:' .. other), 'tenant_id') == tenant then
      count = count + 1
    else
      redis.call('SREM', meetings_of, other)
      if redis.call('HGET', key('ext:tenant_of'), other) == tenant then
        redis.call('HDEL', key('ext:tenant_of'), other)
      end
    end
  end
  return count >= max_meetings
end
if not known and tenant ~= '' and max_meetings and is_full() then
  return { 'too-many-meetings' }
end

local function matches(tags, tag)
  for _, want in ipairs(tags) do
    if (tag == '' and 'none' or tag) == want then
      return true
    end
  end
  return false
end

-- In the order of their load: the first with a wanted tag, else the first that will do otherwise.
local chosen, fallback, any
local from = 0
repeat
  local candidates = redis.call('ZRANGE', key('server_load'), from, from + 15)
  from = from + #candidates
  for _, candidate in ipairs(candidates) do
    local server = not has_failed[candidate] and route(candidate)
    if server then
      any = true
      -- A server that is tagged with that very word is not for everybody.
      fallback = fallback or (server.tag ~= 'none' and matches(otherwise, server.tag) and server)
      if matches(wanted, server.tag) then
        chosen = server
        break
      end
    end
  end
until chosen or (#wanted == 0 and fallback) or #candidates == 0
if not chosen and not (required and any) then
  chosen = fallback
end
if not chosen then
  if known then
    forget(id, known.voice_bridge)
  end
  return { (required and any) and 'tag-unavailable' or 'no-server' }
end

local bridge = known and known.voice_bridge or ''
if bridge == '' then
  for _, number in ipairs(bridges) do
    local owner = redis.call('HGET', key('voice_bridges'), number)
    if not owner or owner == id or redis.call('EXISTS', key('meeting:' .. owner)) == 0 then
      bridge = number
      break
    end
  end
  if bridge == '' then
    if known then
      forget(id)
    end
    return { 'no-voice-bridge' }
  end
end
redis.call('HSET', key('voice_bridges'), bridge, id)

local record = {
  server_id = chosen.id,
  moderator_pw = known and known.moderator_pw or moderator_pw,
  voice_bridge = bridge,
  tenant_id = known and known.tenant_id or tenant,
}
if record.tenant_id ~= '' then
  count_for(record.tenant_id, id)
end
local meeting_key = key('meeting:' .. id)
redis.call('HSET', meeting_key, 'server_id', record.server_id, 'moderator_pw', record.moderator_pw,
  'voice_bridge', record.voice_bridge, 'tenant_id', record.tenant_id)
redis.call('EXPIRE', meeting_key, ttl)
redis.call('SADD', key('meetings'), id)
redis.call('ZADD', key('ext:placed_at'), now_ms() + hold_ms, id)
redis.call('SADD', key('ext:creating'), id)
add_load(chosen.id, chosen.multiplier)
return { 'created', '0', unpack(located(record, chosen)) }

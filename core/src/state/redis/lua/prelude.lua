-- What all scripts share. ARGV[1] is the prefix of every key; KEYS[1] only tells a cluster the slot.
--
-- Besides the keys of the original (CONTRACT §9) there are, of our own:
--   ext:placed_at    zset  meeting ID -> when a create was last routed for it (ms); while that create is
--                          on its way to the server, the stamp lies in the future
--   ext:creating     set   meeting IDs whose first create has not been answered yet
--   ext:load_added   hash  server ID  -> all the load ever added between polls
--   ext:poll_taken   zset  server ID  -> when a poller last took the server to poll (ms)
--   ext:history:ID   string  of a server: its last day, see history.lua
--   ext:made         hash  tenant ID (or '') -> meetings that were made since a poller last asked
--   ext:tenant_of    hash  meeting ID -> the tenant in whose set it is
--   ext:tenant_meetings:TENANT  set  IDs of the tenant's meetings, and of some that an original has ended
local prefix = ARGV[1]
local next_arg = 1

local function arg()
  next_arg = next_arg + 1
  return ARGV[next_arg]
end

local function list_arg()
  local list = {}
  for i = 1, tonumber(arg()) do
    list[i] = arg()
  end
  return list
end

local function key(name)
  return prefix .. name
end

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- The server as calls need it, or nil. Records without a state go by their membership.
local function route(id)
  local h = redis.call('HMGET', key('server:' .. id), 'url', 'secret', 'tag', 'online', 'load_multiplier', 'state')
  if not h[1] then
    return nil
  end
  local state = h[6]
  if not state or state == '' then
    state = redis.call('SISMEMBER', key('server_enabled'), id) == 1 and 'enabled' or 'disabled'
  end
  local multiplier = tonumber(h[5])
  if not multiplier or multiplier <= 0 then
    multiplier = 1
  end
  return { id = id, url = h[1], secret = h[2] or '', tag = h[3] or '', online = h[4] == 'true',
    state = state, multiplier = multiplier }
end

-- The meeting's fields in their order, or nil.
local function meeting(id)
  local h = redis.call('HMGET', key('meeting:' .. id), 'server_id', 'moderator_pw', 'voice_bridge', 'tenant_id')
  if not h[1] then
    return nil
  end
  return { server_id = h[1], moderator_pw = h[2] or '', voice_bridge = h[3] or '', tenant_id = h[4] or '' }
end

-- The meeting and its server, or nil: not found, of another tenant, or on a server that is gone.
local function locate(id, tenant)
  local found = meeting(id)
  if not found or (tenant ~= '' and found.tenant_id ~= tenant) then
    return nil
  end
  local server = route(found.server_id)
  if not server then
    return nil
  end
  return found, server
end

local function located(found, server)
  return { found.server_id, found.moderator_pw, found.voice_bridge, found.tenant_id,
    server.url, server.secret, server.tag, server.state, server.online and '1' or '0' }
end

-- Counts a meeting to its tenant, or no longer.
local function count_for(tenant, id)
  redis.call('HSET', key('ext:tenant_of'), id, tenant)
  redis.call('SADD', key('ext:tenant_meetings:' .. tenant), id)
end

local function uncount(id)
  local tenant = redis.call('HGET', key('ext:tenant_of'), id)
  if tenant then
    redis.call('HDEL', key('ext:tenant_of'), id)
    redis.call('SREM', key('ext:tenant_meetings:' .. tenant), id)
  end
end

local function forget(id, voice_bridge)
  uncount(id)
  redis.call('DEL', key('meeting:' .. id))
  redis.call('SREM', key('meetings'), id)
  redis.call('ZREM', key('ext:placed_at'), id)
  redis.call('SREM', key('ext:creating'), id)
  if voice_bridge and voice_bridge ~= '' and redis.call('HGET', key('voice_bridges'), voice_bridge) == id then
    redis.call('HDEL', key('voice_bridges'), voice_bridge)
  end
end

-- Adds to the load of a server, if it has one, and to the sum that a poll under way looks at.
local function add_load(id, amount)
  for _, name in ipairs({ 'server_load', 'cordoned_server_load' }) do
    local score = redis.call('ZADD', key(name), 'XX', 'INCR', amount, id)
    if score then
      if tonumber(score) < 0 then
        redis.call('ZADD', key(name), 'XX', 0, id)
      end
      redis.call('HINCRBYFLOAT', key('ext:load_added'), id, amount)
      return
    end
  end
end

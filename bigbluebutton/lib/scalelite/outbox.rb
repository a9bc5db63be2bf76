# frozen_string_literal: true

require 'fileutils'
require 'json'

module Scalelite
  # Packed recordings that are to be sent. One process at a time sends; what fails is tried again later and later.
  class Outbox
    FIRST_WAIT = 60
    LONGEST_WAIT = 3600
    # After so many failures in a row the way there is taken to be blocked.
    ENOUGH = 3

    def initialize(settings)
      @settings = settings
      @dir = settings.outbox_dir
      FileUtils.mkdir_p(@dir)
    end

    # Puts a tar in, which the block writes at the path that it is given. One of that name is replaced.
    def put(name)
      new = File.join(@dir, ".#{name}.#{Process.pid}.new")
      yield new
      File.open(new, &:fsync)
      File.rename(new, path(name))
      File.open(@dir, &:fsync)
      FileUtils.rm_f(note(name))
    ensure
      FileUtils.rm_f(new)
    end

    # Sends all that is due, and what comes meanwhile. Gives whether nothing failed.
    def send_all(even_early: false)
      failed = []
      locked do
        in_a_row = 0
        while in_a_row < ENOUGH && (name = (due(even_early) - failed).first)
          in_a_row = send_one(name) ? 0 : in_a_row + 1
          failed << name if in_a_row.positive?
        end
        remove_leftovers
      end
      failed.empty?
    end

    # Sends one now. Gives whether it is sent.
    def send_now(name, again: false)
      locked(wait: true) { send_one(name, again: again) }
    end

    private

    def path(name)
      File.join(@dir, name)
    end

    def note(name)
      File.join(@dir, ".#{name}.failed")
    end

    # Gives nil if another process sends already; it, or the timer, will come to what is new.
    def locked(wait: false)
      File.open(File.join(@dir, '.lock'), File::RDWR | File::CREAT, 0o600) do |lock|
        return nil unless lock.flock(wait ? File::LOCK_EX : File::LOCK_EX | File::LOCK_NB)

        yield
      end
    end

    # The oldest first, and what has failed before last.
    def due(even_early)
      names = Dir.children(@dir).select { |name| name.end_with?('.tar') && !name.start_with?('.') }
      names = names.map { |name| [name, failures(name)] }
      names = names.select { |_, failed| even_early || failed['next'].to_i <= Time.now.to_i }
      names.sort_by { |name, failed| [failed['tries'].to_i, File.mtime(path(name)), name] }.map(&:first)
    end

    def send_one(name, again: false)
      sent = File.stat(path(name))
      Carriers.for(@settings).send_file(path(name), again: again)
      # It may have been packed anew meanwhile.
      FileUtils.rm_f(path(name)) if File.stat(path(name)).ino == sent.ino
      FileUtils.rm_f(note(name))
      Scalelite.log("#{name}: sent")
      true
    rescue Error, SystemCallError => e
      failed(name, e)
      false
    end

    def failed(name, error)
      tries = failures(name)['tries'].to_i + 1
      wait = [FIRST_WAIT * 2**[tries - 1, 10].min, LONGEST_WAIT].min
      File.write(note(name), JSON.generate(tries: tries, next: Time.now.to_i + wait, error: error.message))
      warn("scalelite: #{name} stays in the outbox, and is tried again in #{wait} s: #{error.message}")
    end

    def failures(name)
      JSON.parse(File.read(note(name)))
    rescue SystemCallError, JSON::ParserError
      {}
    end

    # What a process that was killed while it packed has left.
    def remove_leftovers
      Dir.glob(File.join(@dir, '.*.new')).each do |file|
        FileUtils.rm_f(file) if File.mtime(file) < Time.now - (24 * 3600)
      rescue Errno::ENOENT
        next
      end
    end
  end
end

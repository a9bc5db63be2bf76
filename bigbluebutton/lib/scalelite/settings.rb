# frozen_string_literal: true

require 'uri'
require 'yaml'

module Scalelite
  # scalelite.yml, and what is taken from BigBlueButton's own configuration.
  class Settings
    FILES = ['/etc/bigbluebutton/scalelite.yml', '/usr/local/bigbluebutton/core/scripts/scalelite.yml'].freeze
    RECORDING = ['/usr/local/bigbluebutton/core/scripts/bigbluebutton.yml',
                 '/etc/bigbluebutton/recording/recording.yml'].freeze
    PROPERTIES = ['/etc/bigbluebutton/bbb-web.properties',
                  '/usr/share/bbb-web/WEB-INF/classes/bigbluebutton.properties'].freeze
    KNOWN = %w[work_dir spool_dir extra_rsync_opts transfer upload_url upload_secret upload_ca_file
               upload_piece_bytes published_dir unpublished_dir recording_dir bbb_properties].freeze
    SPOOL_PATH = '/scalelite/spool/'

    # The file that SCALELITE_SETTINGS names, else the first that is there.
    def self.load
      file = ENV['SCALELITE_SETTINGS'] || FILES.find { |name| File.file?(name) }
      raise Error, "there are no settings: expected one of #{FILES.join(', ')}" unless file

      new(read(file), file)
    end

    def self.read(file)
      values = YAML.safe_load(File.read(file))
      raise Error, "#{file}: expected lines of the form name: value" unless values.nil? || values.is_a?(Hash)

      values || {}
    rescue Psych::Exception => e
      raise Error, "#{file}: #{e.message}"
    end

    def initialize(values, file)
      @values = values
      @file = file
      (values.keys - KNOWN).each { |name| Scalelite.log("#{file}: #{name} has no effect") }
    end

    def work_dir
      text('work_dir') || '/var/bigbluebutton/recording/scalelite'
    end

    # Where packed recordings wait.
    def outbox_dir
      File.join(work_dir, 'outbox')
    end

    def published_dir
      text('published_dir') || recording['published_dir'] || '/var/bigbluebutton/published'
    end

    def unpublished_dir
      text('unpublished_dir') || recording['unpublished_dir'] || '/var/bigbluebutton/unpublished'
    end

    # Where BigBlueButton notes which formats are published.
    def status_dir
      File.join(text('recording_dir') || recording['recording_dir'] || '/var/bigbluebutton/recording',
                'status', 'published')
    end

    def spool_dir
      text('spool_dir') || raise(Error, "#{@file}: expected spool_dir, or upload_url")
    end

    def extra_rsync_opts
      Array(@values['extra_rsync_opts']).map(&:to_s)
    end

    # How recordings are sent: upload, rsync or copy.
    def transfer
      given = text('transfer')
      return given if %w[upload rsync copy].include?(given)
      raise Error, "#{@file}: transfer: expected upload, rsync or copy" if given
      return 'upload' if text('upload_url')

      spool_dir.include?(':') || extra_rsync_opts.any? ? 'rsync' : 'copy'
    end

    # Where to upload to; the path of Scalelite's spool if it has none.
    def upload_url
      url = URI.parse(text('upload_url') || raise(Error, "#{@file}: expected upload_url"))
      raise Error, "#{@file}: upload_url: expected https://HOST" unless url.is_a?(URI::HTTP) && url.host

      url.path = SPOOL_PATH if url.path.delete('/').empty?
      url.path += '/' unless url.path.end_with?('/')
      url
    rescue URI::InvalidURIError
      raise Error, "#{@file}: upload_url: expected https://HOST"
    end

    # The secret by which Scalelite knows this server.
    def upload_secret
      text('upload_secret') || secret_of_server
    end

    def upload_ca_file
      text('upload_ca_file')
    end

    # The most that is sent by one request.
    def upload_piece_bytes
      bytes = Integer(@values['upload_piece_bytes'] || 64 * 1024 * 1024)
      bytes.positive? ? bytes : raise(ArgumentError)
    rescue ArgumentError, TypeError
      raise Error, "#{@file}: upload_piece_bytes: expected a number of bytes"
    end

    private

    def text(name)
      value = @values[name].to_s.strip
      value.empty? ? nil : value
    end

    def recording
      @recording ||= RECORDING.select { |file| File.file?(file) }
                              .map { |file| Settings.read(file) }.reduce({}, :merge)
    end

    def secret_of_server
      files = text('bbb_properties') ? [text('bbb_properties')] : PROPERTIES
      files.select { |file| File.readable?(file) }.each do |file|
        File.foreach(file) do |line|
          found = line[/\A\s*securitySalt\s*[=:]\s*(\S+)/, 1]
          return found if found
        end
      end
      raise Error, "this server's secret is not found: expected securitySalt in #{files.join(' or ')} " \
                   "(readable by this user), or upload_secret in #{@file}"
    end
  end
end
